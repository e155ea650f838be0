/** Tests of what the charts render; they need `helm` and `kubeconform`. */
module.exports = {
  ...require('../jest.preset.cjs')(__dirname),
  testMatch: ['<rootDir>/tests/templates/*.test.ts'],
  testTimeout: 60_000,
};
