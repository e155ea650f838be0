import { runProgram } from '../cluster/kube';

/** What the tests of several nodes are told from outside; tools/cluster/test-nodes.ts sets it. */
const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run the tests with npm run test:nodes.`);
  return value;
};

export const readEnvironment = () => ({
  /** Where the cluster's gateway responds. */
  shopUrl: required('SHOP_URL'),
  valuesFile: required('CLUSTER_VALUES'),
  /** Tag of the images of this tree. */
  tag: required('CLUSTER_TAG'),
  /** Where plots go; empty: nowhere. */
  reports: process.env['NODES_REPORTS'] ?? '',
});

/** What happens to a node: a power cut and its end, its network cable pulled and plugged in again. */
export type Accident = 'NODE_KILL' | 'NODE_START' | 'NODE_CUT' | 'NODE_JOIN';

/** Runs the command that a variable names, with the node as its last word. @throws Error with what it wrote */
export async function happenTo(node: string, accident: Accident): Promise<void> {
  const [command, ...words] = required(accident).split(' ');
  const { code, stderr } = await runProgram(command!, [...words, node]);
  if (code !== 0) throw new Error(`${accident} ${node}: ${stderr}`);
}
