// Not among the tests of `npm test`: it is run against a shop that runs somewhere (npm run acceptance -- URL).
module.exports = { ...require('../../jest.preset.cjs')(__dirname), testMatch: ['**/acceptance.ts'] };
