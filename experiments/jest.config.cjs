const preset = require('../jest.preset.cjs')(__dirname);

module.exports = {
  ...preset,
  // A project of its own.
  testPathIgnorePatterns: [...preset.testPathIgnorePatterns, '<rootDir>/invariants/'],
};
