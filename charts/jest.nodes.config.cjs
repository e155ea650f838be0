/** Tests of a shop in a cluster of several nodes: npm run test:nodes (tools/cluster/test-nodes.ts). */
module.exports = {
  ...require('../jest.preset.cjs')(__dirname),
  testMatch: ['<rootDir>/tests/nodes/*.test.ts'],
  reporters: ['<rootDir>/tests/cluster/progress-reporter.cjs'],
  testTimeout: 600_000,
};
