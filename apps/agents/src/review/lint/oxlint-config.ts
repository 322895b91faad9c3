/** Our own configuration of oxlint. The target's is never read: it may name plugins, which are programs. */
export const OXLINT_CONFIG = {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'warn' },
  env: { builtin: true, browser: true, node: true },
  rules: {
    'no-unused-vars': ['warn', { args: 'none', caughtErrors: 'none', ignoreRestSiblings: true }],
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    'no-underscore-dangle': 'off',
    'no-shadow': 'off',
    'block-scoped-var': 'off',
    'promise/always-return': 'off',
    'promise/no-promise-in-callback': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/require-module-specifiers': 'off',
    'unicorn/no-empty-file': 'off',
    'typescript/triple-slash-reference': 'off',
  },
} as const;

export const LINTED_EXTENSIONS: ReadonlySet<string> = new Set([
  'astro',
  'cjs',
  'cts',
  'js',
  'jsx',
  'mjs',
  'mts',
  'svelte',
  'ts',
  'tsx',
  'vue',
]);
