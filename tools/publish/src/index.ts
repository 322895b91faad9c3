export * from './pack.ts';
export * from './packages.ts';
export * from './published-manifest.ts';
