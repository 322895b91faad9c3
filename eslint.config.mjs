import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom, by tag. A package's layer is in its package.json under nx.tags. */
export const layers = [
  { sourceTag: 'layer:types', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:utils', onlyDependOnLibsWithTags: ['layer:types'] },
  { sourceTag: 'layer:base', onlyDependOnLibsWithTags: ['layer:types', 'layer:utils'] },
  { sourceTag: 'layer:kit', onlyDependOnLibsWithTags: ['layer:types', 'layer:utils', 'layer:base'] },
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:types', 'layer:utils', 'layer:base', 'layer:kit'] },
  { sourceTag: 'layer:tool', onlyDependOnLibsWithTags: ['layer:types', 'layer:utils', 'layer:base', 'layer:kit', 'layer:tool'] },
  {
    sourceTag: 'layer:proof',
    onlyDependOnLibsWithTags: ['layer:types', 'layer:utils', 'layer:base', 'layer:kit', 'layer:app', 'layer:tool'],
  },
];

const boundaries = (depConstraints) => ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints }];

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/node_modules',
      '**/generated',
      '**/coverage',
      '**/prisma.config.ts',
      '.nx',
      '.mainstay',
      '**/*.mjs',
      '**/*.js',
      '**/*.cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(layers),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Constructors that only narrow the parameters' types are not useless.
      '@typescript-eslint/no-useless-constructor': 'off',
      // JSON interfaces with an index signature keep their dots in brackets: the compiler asks for it.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only @mainstay/config reads the environment; take the value as a parameter.' },
      ],
    },
  },
  {
    // Tests may use the development services and look into what they test.
    files: ['**/*.test.ts', '**/testing/**', '**/contract.ts', '**/src/test-support/**'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries(
        layers.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
          sourceTag,
          onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, 'layer:tool', ...(sourceTag === 'layer:app' ? ['layer:app'] : [])],
        })),
      ),
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // The readers of the environment: the configuration package, and the tools that start other processes.
    files: ['packages/shared/config/src/**', 'tools/**', 'apps/*/src/main.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
);
