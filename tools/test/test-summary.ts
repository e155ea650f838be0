/** Sums up what jest wrote to test-results/<project>.json. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @param root folder of the workspace
 * @param args what was given to nx run-many
 * @returns a complaint for each reason to call the run bad
 */
export const summarise = (
  root: string,
  args: readonly string[],
): { passed: number; failed: number; complaints: string[] } => {
  const complaints: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const { name, folder } of projectsWithTests(root)) {
    const file = path.join(root, 'test-results', `${name}.json`);
    if (!existsSync(file)) {
      if (isSelected(name, args)) complaints.push(`${name}: has tests in ${folder} but produced no results`);
      continue;
    }
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    passed += results.numPassedTests;
    failed += results.numFailedTests;
    complaints.push(...failures(name, results, root));
    if (!results.success && !complaints.some((line) => line.startsWith(`${name}:`))) {
      complaints.push(`${name}: jest reports a failure`);
    }
  }
  if (passed + failed === 0) complaints.push('no test ran');
  return { passed, failed, complaints };
};

/** Of what `jest --json` writes. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const failures = (name: string, results: Results, root: string): string[] =>
  results.testResults.flatMap((suite) => {
    const file = path.relative(root, suite.name);
    const failed = suite.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length > 0) return failed.map(({ fullName }) => `${name}: ${file}: ${fullName}`);
    return suite.status === 'failed' ? [`${name}: ${file} could not run`] : [];
  });

const isTest = (file: string): boolean => file.endsWith('.test.ts') && !file.includes('node_modules');

/** Folders with a project.json, at the top of the workspace or one below. */
const projectFolders = (root: string): string[] => {
  const foldersIn = (folder: string): string[] =>
    readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$)/.test(entry.name))
      .map(({ name }) => path.join(folder, name));
  return foldersIn('.')
    .flatMap((folder) => [folder, ...foldersIn(folder)])
    .filter((folder) => existsSync(path.join(root, folder, 'project.json')));
};

interface Project {
  readonly name: string;
  readonly targets?: { readonly test?: object };
}

const projectsWithTests = (root: string): (Project & { readonly folder: string })[] =>
  projectFolders(root)
    .map((folder) => ({
      folder,
      ...(JSON.parse(readFileSync(path.join(root, folder, 'project.json'), 'utf8')) as Project),
    }))
    .filter(
      ({ folder, targets }) =>
        targets?.test &&
        readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).some(isTest),
    );

/** Without a choice of projects every one is expected to have run. */
const isSelected = (name: string, args: readonly string[]): boolean => {
  const index = args.findIndex((arg) => /^(-p|--projects?)(=|$)/.test(arg));
  if (index === -1) return !args.some((arg) => arg.startsWith('--exclude'));
  const chosen = args[index]?.split('=')[1] ?? args[index + 1] ?? '';
  return chosen.split(',').includes(name);
};
