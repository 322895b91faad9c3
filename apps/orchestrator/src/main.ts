import { describeVariables, loadConfig, orchestratorEnv } from '@mainstay/config';
import { installSignals, watchParent } from '@mainstay/lifecycle';
import { MainstayError } from '@mainstay/types';
import { compose } from './compose.ts';
import { version } from './version.ts';

/** Exit code for wrong arguments or a wrong environment. */
const EXIT_USAGE = 2;

const USAGE = `One orchestrator of Mainstay: the HTTP API and the engine.

Usage: orchestrator [--help] [--version]

Environment:
${describeVariables(orchestratorEnv)}

Signals: SIGTERM and SIGINT shut down gracefully; a second one ends the process at once.
Exit codes: 0 ended as asked; 1 it could not start, or the shutdown was not clean; 2 wrong arguments or environment;
128 + n ended at once by signal n.
`;

/** Starts the orchestrator; from then on the signals decide when the process ends. */
async function serve(): Promise<void> {
  const env = loadConfig(orchestratorEnv);
  const { lifecycle, logger } = compose(env, version());
  installSignals(lifecycle);
  watchParent(env.MAINSTAY_PARENT_FD, () => {
    logger.warn('the parent process is gone; shutting down');
    void lifecycle.shutdown('the parent process is gone').then(({ failures }) => process.exit(failures.length > 0 ? 1 : 0));
  });
  try {
    await lifecycle.start();
  } catch {
    // The lifecycle has logged why, and has stopped what ran; a shutdown that interrupted the start exits by itself.
    if (!lifecycle.signal.aborted || lifecycle.state === 'failed') process.exitCode = 1;
  }
}

const [argument, ...others] = process.argv.slice(2);
if (argument === '--help' || argument === '-h') process.stdout.write(USAGE);
else if (argument === '--version') process.stdout.write(`${version()}\n`);
else if (argument !== undefined) {
  process.stderr.write(`Unknown arguments: ${[argument, ...others].join(' ')}. See --help.\n`);
  process.exitCode = EXIT_USAGE;
} else {
  try {
    await serve();
  } catch (error) {
    if (!(error instanceof MainstayError) || error.category !== 'configuration') throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  }
}
