/** Sums up what jest wrote to test-results/<project>.json. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {string} root folder of the workspace
 * @param {readonly string[]} args what was given to nx run-many
 * @returns {{ passed: number, failed: number, complaints: string[] }} a complaint for each reason to call the run bad
 */
export const summarise = (root, args) => {
  const complaints = [];
  let passed = 0;
  let failed = 0;
  for (const { name, folder } of projectsWithTests(root)) {
    const file = path.join(root, 'test-results', `${name}.json`);
    if (!existsSync(file)) {
      if (isSelected(name, args)) complaints.push(`${name}: has tests in ${folder} but produced no results`);
      continue;
    }
    const results = JSON.parse(readFileSync(file, 'utf8'));
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

const failures = (name, results, root) =>
  results.testResults.flatMap((suite) => {
    const file = path.relative(root, suite.name);
    const failed = suite.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length > 0) return failed.map(({ fullName }) => `${name}: ${file}: ${fullName}`);
    return suite.status === 'failed' ? [`${name}: ${file} could not run`] : [];
  });

const isTest = (file) => file.endsWith('.test.ts') && !file.includes('node_modules');

/** Folders with a project.json, at the top of the workspace or one below. */
const projectFolders = (root) => {
  const foldersIn = (folder) =>
    readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$)/.test(entry.name))
      .map(({ name }) => path.join(folder, name));
  return foldersIn('.')
    .flatMap((folder) => [folder, ...foldersIn(folder)])
    .filter((folder) => existsSync(path.join(root, folder, 'project.json')));
};

const projectsWithTests = (root) =>
  projectFolders(root)
    .map((folder) => ({
      folder,
      ...JSON.parse(readFileSync(path.join(root, folder, 'project.json'), 'utf8')),
    }))
    .filter(
      ({ folder, targets }) =>
        targets?.test && readdirSync(path.join(root, folder), { recursive: true }).some(isTest),
    );

/** Without a choice of projects every one is expected to have run. */
const isSelected = (name, args) => {
  const index = args.findIndex((arg) => /^(-p|--projects?)(=|$)/.test(arg));
  if (index === -1) return !args.some((arg) => arg.startsWith('--exclude'));
  const chosen = args[index].split('=')[1] ?? args[index + 1] ?? '';
  return chosen.split(',').includes(name);
};
