export { KNOWN_MIGRATIONS } from './database/schema.ts';
export { type Finding, type InvariantCode, INVARIANTS } from './invariants.ts';
export { verify, type VerifyOptions, type VerifyProgress, type VerifyReport } from './verify.ts';
