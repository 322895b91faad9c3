/** What is read of a package's own manifest. */
export interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Public path to source: `.` → `./src/index.ts`. */
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A manifest as the registry gets it. */
export interface PublishedManifest extends Omit<SourceManifest, 'exports'> {
  readonly type: 'module';
  readonly engines: { readonly node: string };
  readonly sideEffects: false;
  readonly files: readonly string[];
  readonly types: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string } | string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: true }>>;
}

/** What the code turned out to need beyond its manifest. */
export interface Added {
  readonly types?: Readonly<Record<string, string>>;
  readonly runners?: Readonly<Record<string, string>>;
}

/** Where a source is after the build, without its extension. */
export function builtPath(source: string): string {
  const match = /^\.\/src\/(.+)\.ts$/.exec(source);
  if (match?.[1] === undefined) throw new Error(`an export must lead to ./src/….ts, not to ${source}`);
  return `./dist/${match[1]}`;
}

/**
 * The manifest of the built package: exports lead to `dist`, packages of this workspace are wanted in exactly this version, and nothing is
 * left of what only the workspace needs.
 */
export function publishedManifest(source: SourceManifest, added: Added = {}): PublishedManifest {
  const { name, version, license, dependencies = {} } = source;
  const { types = {}, runners = {} } = added;
  const paths = Object.entries(source.exports).map(([path, file]) => [path, builtPath(file)] as const);
  const main = paths.find(([path]) => path === '.')?.[1];
  if (main === undefined) throw new Error(`${name} exports no "."`);
  return {
    ...{ name, version, license, type: 'module', engines: { node: '>=22' }, sideEffects: false, files: ['dist'], types: `${main}.d.ts` },
    exports: {
      ...Object.fromEntries(paths.map(([path, file]) => [path, { types: `${file}.d.ts`, default: `${file}.js` }])),
      './package.json': './package.json',
    },
    dependencies: {
      ...Object.fromEntries(Object.entries(dependencies).map(([of, range]) => [of, range === '*' ? version : range])),
      ...types,
    },
    ...(Object.keys(runners).length > 0 && {
      peerDependencies: runners,
      peerDependenciesMeta: Object.fromEntries(Object.keys(runners).map((of) => [of, { optional: true }])),
    }),
  };
}
