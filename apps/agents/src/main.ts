import { join, resolve } from 'node:path';
import { agentsEnv, loadConfig } from '@mainstay/config';
import { installSignals, watchParent } from '@mainstay/lifecycle';
import { MainstayError } from '@mainstay/types';
import { selectAgents } from './agent-catalogue.ts';
import { composeWorker, type WorkerProcess } from './compose.ts';
import { usage } from './usage.ts';
import { version } from './version.ts';

/** Exit code for wrong arguments or a wrong environment. */
const EXIT_USAGE = 2;

function compose(): { readonly process: WorkerProcess; readonly parentFd: number | undefined } {
  const env = loadConfig(agentsEnv);
  const agents = selectAgents(env.MAINSTAY_WORKER_KINDS, { reportsDir: join(resolve(env.MAINSTAY_DATA_DIR), 'reports') });
  return {
    process: composeWorker(env, agents, version()),
    parentFd: env.MAINSTAY_PARENT_FD,
  };
}

/** Starts the worker; from then on the signals decide when the process ends. */
async function serve(): Promise<void> {
  const { process: worker, parentFd } = compose();
  const { lifecycle, logger } = worker;
  installSignals(lifecycle);
  watchParent(parentFd, () => {
    logger.warn('the parent process is gone; shutting down');
    void lifecycle.shutdown('the parent process is gone').then(({ failures }) => process.exit(failures.length > 0 ? 1 : 0));
  });
  try {
    await lifecycle.start();
  } catch {
    // the lifecycle has logged why, and has stopped what ran; a shutdown that interrupted the start exits by itself
    if (!lifecycle.signal.aborted || lifecycle.state === 'failed') process.exitCode = 1;
  }
}

const [argument, ...others] = process.argv.slice(2);
if (argument === '--help' || argument === '-h') process.stdout.write(usage());
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
