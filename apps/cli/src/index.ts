export { EXIT, EXIT_MEANINGS, type ExitCode } from './exit-codes.ts';
export type { Io } from './io.ts';
export { runCli } from './run-cli.ts';
