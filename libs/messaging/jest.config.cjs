const preset = require('../../jest.preset.cjs')(__dirname);

// What needs three brokers is run by `npm run test:majority`.
const withoutCluster = process.env.BROKER_CLUSTER ? [] : ['/majority.test.ts'];

module.exports = {
  ...preset,
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, ...withoutCluster],
};
