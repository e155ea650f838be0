/** For `npx jest PATH` in the root. `npm test` runs project after project, on servers that they share. */
const { readdirSync, existsSync } = require('node:fs');
const path = require('node:path');

const foldersIn = (folder) =>
  readdirSync(path.join(__dirname, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$)/.test(entry.name))
    .map(({ name }) => path.join(folder, name));

/** Tests of the charts need helm (`npm run test:charts`), those of apps/acceptance a running shop. */
const withNeeds = ['charts', path.join('apps', 'acceptance')];

module.exports = {
  projects: foldersIn('.')
    .flatMap((folder) => [folder, ...foldersIn(folder)])
    .filter((folder) => existsSync(path.join(__dirname, folder, 'jest.config.cjs')))
    .filter((folder) => !withNeeds.includes(folder))
    .map((folder) => path.join(__dirname, folder, 'jest.config.cjs')),
  testTimeout: require('./jest.preset.cjs')(__dirname).testTimeout,
};
