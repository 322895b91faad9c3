/** Language by file extension; where several languages share one, the commoner. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  astro: 'Astro',
  bash: 'Shell',
  c: 'C',
  cc: 'C++',
  cjs: 'JavaScript',
  clj: 'Clojure',
  cpp: 'C++',
  cs: 'C#',
  css: 'CSS',
  cts: 'TypeScript',
  dart: 'Dart',
  erl: 'Erlang',
  ex: 'Elixir',
  exs: 'Elixir',
  fs: 'F#',
  go: 'Go',
  gradle: 'Gradle',
  graphql: 'GraphQL',
  groovy: 'Groovy',
  h: 'C',
  hcl: 'HCL',
  hpp: 'C++',
  hs: 'Haskell',
  htm: 'HTML',
  html: 'HTML',
  java: 'Java',
  jl: 'Julia',
  js: 'JavaScript',
  json: 'JSON',
  json5: 'JSON',
  jsonc: 'JSON',
  jsx: 'JavaScript',
  kt: 'Kotlin',
  kts: 'Kotlin',
  less: 'CSS',
  lua: 'Lua',
  m: 'Objective-C',
  md: 'Markdown',
  mdx: 'Markdown',
  mjs: 'JavaScript',
  ml: 'OCaml',
  mts: 'TypeScript',
  nix: 'Nix',
  php: 'PHP',
  pl: 'Perl',
  prisma: 'Prisma',
  proto: 'Protocol Buffers',
  ps1: 'PowerShell',
  py: 'Python',
  pyi: 'Python',
  r: 'R',
  rb: 'Ruby',
  rs: 'Rust',
  rst: 'reStructuredText',
  sass: 'CSS',
  scala: 'Scala',
  scss: 'CSS',
  sh: 'Shell',
  sol: 'Solidity',
  sql: 'SQL',
  svelte: 'Svelte',
  svg: 'SVG',
  swift: 'Swift',
  tf: 'HCL',
  toml: 'TOML',
  ts: 'TypeScript',
  tsx: 'TypeScript',
  txt: 'Text',
  vue: 'Vue',
  xml: 'XML',
  yaml: 'YAML',
  yml: 'YAML',
  zig: 'Zig',
  zsh: 'Shell',
};

const BY_NAME: Readonly<Record<string, string>> = {
  dockerfile: 'Dockerfile',
  gemfile: 'Ruby',
  jenkinsfile: 'Groovy',
  makefile: 'Makefile',
  rakefile: 'Ruby',
};

/** Languages in which nobody writes the program itself: they count as text, not as code. */
const NOT_CODE: ReadonlySet<string> = new Set(['JSON', 'Markdown', 'Other', 'reStructuredText', 'SVG', 'Text', 'TOML', 'XML', 'YAML']);

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase();

/** The last extension in lower case without its dot; '' when there is none. */
export function extensionOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1);
}

export function languageOf(path: string): string {
  const byName = Object.hasOwn(BY_NAME, baseName(path)) ? BY_NAME[baseName(path)] : undefined;
  const extension = extensionOf(path);
  return byName ?? (Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined) ?? 'Other';
}

export function isCode(language: string): boolean {
  return !NOT_CODE.has(language);
}
