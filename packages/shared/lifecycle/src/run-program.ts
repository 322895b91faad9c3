import { MainstayError } from '@mainstay/types';
import { exitProcess } from './exit-process.ts';
import { installSignals } from './install-signals.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleLogger } from './logger.ts';
import { watchParent } from './watch-parent.ts';

/** Exit code for wrong arguments or a wrong environment. */
export const EXIT_USAGE = 2;

/** The end of the usage text of every program that {@link runProgram} runs. */
export const PROGRAM_USAGE = `Signals: SIGTERM and SIGINT shut down gracefully; a second one ends the process at once.
Exit codes: 0 ended as asked; 1 it could not start, or the shutdown was not clean; 2 wrong arguments or environment;
128 + n ended at once by signal n; killed (137) when a disk or a resolver that hangs would have kept it from ending.
`;

/** A program that is a lifecycle and takes no arguments. */
export interface Program {
  /** What `--help` prints. */
  readonly usage: () => string;
  /** What `--version` prints. */
  readonly version: string;
  /** Puts the program together. An error of category `configuration` is told to the user in words; others are bugs and thrown. */
  readonly compose: () => {
    readonly lifecycle: Lifecycle;
    readonly logger: LifecycleLogger;
    /** Descriptor of a pipe whose end means that the parent process died: then the program shuts down. */
    readonly parentFd?: number | undefined;
  };
}

/** Runs a program: `--help`, `--version`, or its lifecycle; from the start on the signals decide when the process ends. */
export async function runProgram(program: Program, args: readonly string[] = process.argv.slice(2)): Promise<void> {
  const [argument] = args;
  if (argument === '--help' || argument === '-h') process.stdout.write(program.usage());
  else if (argument === '--version') process.stdout.write(`${program.version}\n`);
  else if (argument !== undefined) fail(`Unknown arguments: ${args.join(' ')}. See --help.`);
  else {
    try {
      await serve(program.compose());
    } catch (error) {
      if (!(error instanceof MainstayError) || error.category !== 'configuration') throw error;
      fail(error.message);
    }
  }
}

async function serve({ lifecycle, logger, parentFd }: ReturnType<Program['compose']>): Promise<void> {
  installSignals(lifecycle);
  watchParent(parentFd, () => {
    logger.warn({}, 'the parent process is gone; shutting down');
    void lifecycle.shutdown('the parent process is gone').then(({ failures }) => exitProcess(failures.length > 0 ? 1 : 0, { logger }));
  });
  try {
    await lifecycle.start();
  } catch {
    // The lifecycle has logged why, and has stopped what ran; a shutdown that interrupted the start exits by itself.
    if (!lifecycle.signal.aborted || lifecycle.state === 'failed') process.exitCode = 1;
  }
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = EXIT_USAGE;
}
