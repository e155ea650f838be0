import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Who may import whom: an app only libs (the monolith, being a composition root, also apps); libs point downwards. */
const layers = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'type:testing'] },
  { sourceTag: 'type:composition', onlyDependOnLibsWithTags: ['type:app', 'type:lib', 'type:testing'] },
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib', 'type:testing'] },
  // Below all others: whatever is for tests of one lib only, or needs it, lies in that lib's own `testing` folder.
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:testing'] },
  { sourceTag: 'scope:resilience', onlyDependOnLibsWithTags: ['type:testing'] },
  { sourceTag: 'scope:telemetry', onlyDependOnLibsWithTags: ['type:testing'] },
  { sourceTag: 'scope:contracts', onlyDependOnLibsWithTags: ['type:testing'] },
  { sourceTag: 'scope:client', onlyDependOnLibsWithTags: ['type:testing'] },
  {
    sourceTag: 'scope:database',
    onlyDependOnLibsWithTags: ['scope:resilience', 'scope:telemetry', 'type:testing'],
  },
  {
    sourceTag: 'scope:durable',
    onlyDependOnLibsWithTags: ['scope:database', 'scope:resilience', 'scope:telemetry', 'type:testing'],
  },
  {
    sourceTag: 'scope:messaging',
    onlyDependOnLibsWithTags: [
      'scope:contracts',
      'scope:database',
      'scope:durable',
      'scope:resilience',
      'scope:telemetry',
      'type:testing',
    ],
  },
  { sourceTag: 'scope:service', notDependOnLibsWithTags: ['type:app'] },
];

export default tseslint.config(
  {
    // What stands in docs/clients imports what is generated; `npm run test:clients` compiles it.
    ignores: [
      '**/node_modules',
      '**/dist',
      '**/generated',
      '**/test-results',
      '.nx',
      '.bulkhead',
      'docs/clients',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.{ts,tsx}'] })),
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          enforceBuildableLibDependency: false,
          depConstraints: layers,
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/require-await': 'off',
      // Objects here are closures: nothing uses `this`, so taking a function out of one is safe.
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'error',
    },
  },
  {
    // The second composition root puts apps together; experiments look into all of them, and so does who compares them.
    files: [
      'apps/monolith/**/*.ts',
      'apps/chart-jobs/src/reconcile/*.ts',
      'experiments/**/*.ts',
      'load/**/*.ts',
      'bench/**/*.ts',
    ],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: ['@bulkhead/app/**', '@bulkhead/invariants/**'],
          depConstraints: layers,
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'charts/tests/*.ts', 'libs/testing/**/*.ts', 'apps/acceptance/**/*.ts'],
    rules: {
      // Answers are looked at as a client gets them: JSON of any shape.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  {
    // Tools look into everything. They import types alone: Node.js runs them as they are, and knows no paths of tsconfig.json.
    files: ['tools/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [
            '@bulkhead/app/**',
            '@bulkhead/invariants/**',
            '../../experiments/**',
            '../../k8s/**',
            '../../libs/**',
          ],
          depConstraints: layers,
        },
      ],
    },
  },
  { files: ['tools/**', 'bench/**'], rules: { 'no-console': 'off' } },
  prettier,
);
