export * from './data-dir-lock.ts';
export * from './exit-codes.ts';
export * from './settings.ts';
export * from './signing-keys.ts';
