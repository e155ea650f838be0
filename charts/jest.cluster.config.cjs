/** Tests of a shop installed in a real cluster: npm run test:cluster (tools/cluster/test-cluster.ts). */
module.exports = {
  ...require('../jest.preset.cjs')(__dirname),
  testMatch: ['<rootDir>/tests/cluster/*.test.ts'],
  reporters: ['<rootDir>/tests/cluster/progress-reporter.cjs'],
  testTimeout: 600_000,
};
