import type { Inventory } from '../model.ts';

const SIGNS: Readonly<Record<keyof Inventory['present'], RegExp>> = {
  readme: /^readme(\.[a-z]+)?$/i,
  licence: /^(licen[cs]e|copying|unlicense)([.-][^/]*)?$/i,
  ci: /^(\.github\/workflows\/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci\/config\.yml|azure-pipelines\.yml|Jenkinsfile|\.travis\.yml|\.drone\.yml|\.ci\/[^/]+)$/,
  changelog: /^(changelog|changes|history)(\.[a-z]+)?$/i,
  lintConfig:
    /^(eslint\.config\.[a-z]+|\.eslintrc(\.[a-z]+)?|biome\.jsonc?|\.oxlintrc\.json|ruff\.toml|\.flake8|\.golangci\.ya?ml|clippy\.toml|\.rubocop\.yml|\.pre-commit-config\.yaml)$/,
};

/** Which customary files stand at the top of the target. */
export function whatIsPresent(paths: readonly string[]): Inventory['present'] {
  const has = (sign: RegExp): boolean => paths.some((path) => sign.test(path));
  return {
    readme: has(SIGNS.readme),
    licence: has(SIGNS.licence),
    ci: has(SIGNS.ci),
    changelog: has(SIGNS.changelog),
    lintConfig: has(SIGNS.lintConfig),
  };
}
