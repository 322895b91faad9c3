import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '@mainstay/types';
import { type Command, Option } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { parseDuration, parseInteger } from './values.ts';

interface ChaosCommandOptions {
  readonly duration: number;
  readonly faults: string;
  readonly seed?: number;
  readonly orchestrators: number;
  readonly workers: number;
  readonly inFlight: number;
  readonly strict?: true;
  readonly report?: string;
  readonly keep?: true;
}

/** The drill is a program of its own: it starts servers and kills them, which nothing else here does. */
const PROGRAM = fileURLToPath(new URL('../../../../tools/chaos/src/main.ts', import.meta.url));

/** Prints the faults that there are: they are known to the drill alone. */
const PRINT_KINDS = fileURLToPath(new URL('../../../../tools/chaos/src/print-kinds.ts', import.meta.url));

function kindsHelp(): string {
  const { stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', PRINT_KINDS], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return `
Faults, separated by commas: kinds, or groups of them.
${stdout.trim() === '' ? '  listed in docs/FAULTS.md' : stdout}

Examples:
  $ mainstay chaos --duration 30s
  $ mainstay chaos --duration 1h --seed 7 --report chaos.html
  $ mainstay chaos --faults redis,postgres-kill --json
  $ mainstay chaos --faults rolling`;
}

export function addChaos(program: Command, action: Action): void {
  program
    .command('chaos')
    .summary('break a system of its own in every way, and check that nothing is lost')
    .description(
      'Starts a whole system of its own (Postgres, Redis, orchestrators, workers), gives it mixed work, and injects faults at random. At the end it waits for every accepted run, checks every invariant and looks for what leaked. The exit code is 1 when anything was lost, done twice, or left behind.',
    )
    .addOption(
      new Option('--duration <time>', 'make faults for so long, such as 30s, 10m or 1h').argParser(parseDuration).default(120_000, '2m'),
    )
    .option('--faults <names>', 'which faults; see below', 'all')
    .option('--seed <number>', 'the same faults in the same order (default: random, and printed)', parseInteger(0, 4_294_967_295))
    .option('--orchestrators <number>', 'so many orchestrators', parseInteger(1, 16), 2)
    .option('--workers <number>', 'so many workers', parseInteger(1, 32), 3)
    .option('--in-flight <number>', 'so many runs at once', parseInteger(1, 10_000), 40)
    .option('--strict', 'times to recover beyond their bounds fail the drill, too')
    .option('--report <file>', 'write an HTML report with a timeline, and FILE.json beside it')
    .option('--keep', 'keep the folder with logs and data')
    .addHelpText('after', kindsHelp)
    .action(action(runChaos));
}

async function runChaos(session: Session, { duration, faults, report, ...others }: ChaosCommandOptions): Promise<Outcome> {
  if (!existsSync(PROGRAM)) {
    throw new ConfigurationError('CONFIG_INVALID', 'The drill comes with the source of Mainstay, and is not here: run it from a checkout');
  }
  const { json, quiet } = session.settings;
  return await runProgram(session, {
    ...others,
    durationMs: duration,
    faults: faults.split(',').map((name) => name.trim()),
    ...(report === undefined ? {} : { report: resolve(session.io.cwd, report) }),
    json,
    quiet,
  });
}

async function runProgram({ io, signal }: Session, options: object): Promise<ExitCode> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(io.env === undefined ? {} : { env: { ...io.env } }),
  });
  child.stdout.pipe(io.stdout, { end: false });
  child.stderr.pipe(io.stderr, { end: false });
  // it ends its faults early and still checks; a second interrupt, which reaches it by itself at a terminal, ends it at once
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  return code === 0 ? EXIT.succeeded : code === 1 ? EXIT.failed : code === 2 ? EXIT.usage : code === 130 ? EXIT.detached : EXIT.unreachable;
}
