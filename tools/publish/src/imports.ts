/** Names of packages that a text of JavaScript or of declarations imports, without what is its own or Node's. */
export function importedPackages(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, specifier = ''] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([\w@.:/-]+)['"]/g)) {
    const name = packageOf(specifier);
    if (name !== undefined) found.add(name);
  }
  return found;
}

function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.')) return undefined;
  if (specifier.startsWith('node:')) return 'node';
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

export interface Needs {
  /** Of the manifest. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** What code imports. */
  readonly code: ReadonlySet<string>;
  /** What declarations import. */
  readonly types: ReadonlySet<string>;
  /** Of the workspace: where versions of types and of test runners come from. */
  readonly workspace: Readonly<Record<string, string>>;
}

/** Test runners that a part for tests needs: whoever uses that part has it. */
const RUNNERS: ReadonlySet<string> = new Set(['@jest/globals']);

/** What a manifest lacks: packages of types that declarations need, and runners of tests, which are optional. Throws for an undeclared import. */
export function completed({ dependencies, code, types, workspace }: Needs): {
  readonly types: Readonly<Record<string, string>>;
  readonly runners: Readonly<Record<string, string>>;
} {
  const undeclared = [...code].filter((name) => name !== 'node' && !(name in dependencies) && !RUNNERS.has(name));
  if (undeclared.length > 0) throw new Error(`imported and not declared: ${undeclared.join(', ')}`);
  const versions = (names: readonly string[]) => Object.fromEntries(names.flatMap((name) => entry(workspace, name)));
  return {
    types: versions([...types].map((name) => `@types/${name.replace(/^@/, '').replace('/', '__')}`)),
    runners: Object.fromEntries([...code].filter((name) => RUNNERS.has(name)).map((name) => [name, '*'])),
  };
}

function entry(workspace: Readonly<Record<string, string>>, name: string): readonly (readonly [string, string])[] {
  const version = workspace[name];
  return version === undefined ? [] : [[name, version]];
}
