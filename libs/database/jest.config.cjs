const preset = require('../../jest.preset.cjs')(__dirname);

// What needs a PgBouncer is run by `npm run test:pooler`.
const withoutPooler = process.env.PGBOUNCER ? [] : ['/pgbouncer.test.ts'];

module.exports = {
  ...preset,
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, ...withoutPooler],
};
