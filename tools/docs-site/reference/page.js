/* global Scalar */
// As chosen in the documentation, whose pages are of the same origin.
const appearance = localStorage.getItem('vitepress-theme-appearance');
const isDark =
  appearance === 'dark' || (appearance !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);

Scalar.createApiReference('#reference', {
  url: '../openapi.json',
  darkMode: isDark,
  withDefaultFonts: false,
  // Nothing is sent anywhere but to the shop.
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  documentDownloadType: 'json',
  persistAuth: false,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
});
