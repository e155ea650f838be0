const preset = require('../../jest.preset.cjs')(__dirname);

// The OTLP exporter loads node:http by a dynamic import, which jest's module sandbox only knows as a require.
module.exports = {
  ...preset,
  transform: {
    ...preset.transform,
    '/otlp-exporter-base/.+\\.cjs$': [
      '@swc/jest',
      { jsc: { target: 'es2022' }, module: { type: 'commonjs' }, sourceMaps: 'inline' },
    ],
  },
  transformIgnorePatterns: preset.transformIgnorePatterns.map((pattern) =>
    pattern.replace('(?!(', '(?!(@opentelemetry/otlp-exporter-base|'),
  ),
};
