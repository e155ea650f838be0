const preset = require('../../jest.preset.cjs')(__dirname);

// What needs stripe-mock is run by `npm run test:stripe`.
const withoutStripeMock = process.env.STRIPE_MOCK ? [] : ['/stripe-mock.test.ts'];

module.exports = {
  ...preset,
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, ...withoutStripeMock],
};
