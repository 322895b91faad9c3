import { basename } from 'node:path';
import { asCpuProfile, flameGraph, type CpuProfile, hotFunctions, hotPlaces, type HotFunction, timesOf } from '@mainstay/profiling';
import { ValidationError } from '@mainstay/types';
import { type Command, Option } from 'commander';
import { recordProfile } from '../client/record-profile.ts';
import { eventLoopView, heapSnapshotView } from '../client/views.ts';
import { tableLines } from '../render/table.ts';
import { clean } from '../render/text.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { checkTarget, readProfile, writeText } from './profile-files.ts';
import { parseInteger } from './values.ts';
import { terminalWidth } from './write-page.ts';

interface ProfileOptions {
  readonly seconds: number;
  readonly interval: number;
  readonly top: number;
  readonly out?: string;
  readonly svg?: string;
  readonly process?: string;
  readonly kind: 'cpu' | 'heap' | 'event-loop';
}

export function addProfile(program: Command, action: Action): void {
  program
    .command('profile')
    .summary('show where the CPU time of a process goes')
    .description(
      'Records a profile of a running orchestrator or worker: of the one that --process names, through the orchestrator at --url, or of the one whose management port (MANAGEMENT_PORT) --url names; or reads a .cpuprofile file. Shows the functions and packages in which the time is spent. A heap snapshot is left on the machine of the process: it holds secrets.',
    )
    .argument('[file]', 'a .cpuprofile file, instead of a running process')
    .option('--process <name>', 'the process, as mainstay agents names it; this needs the scope profiles:write')
    .addOption(
      new Option('--kind <kind>', 'what is recorded; others than cpu need --process').choices(['cpu', 'heap', 'event-loop']).default('cpu'),
    )
    .option('--seconds <number>', 'how long to record, 1 to 60', parseInteger(1, 60), 10)
    .option('--interval <microseconds>', 'time between samples, 100 to 100000', parseInteger(100, 100_000), 1_000)
    .option('--top <number>', 'show so many functions', parseInteger(1, 500), 25)
    .option('--out <file>', 'write the profile (.cpuprofile), for developer tools')
    .option('--svg <file>', 'write a flame graph, for browsers')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay profile --process worker-build-1-4711-0a1b2c3d --svg flames.svg\n  $ mainstay profile --process worker-build-1-4711-0a1b2c3d --kind heap\n  $ mainstay profile --url http://127.0.0.1:9464 --seconds 30 --svg flames.svg\n  $ mainstay profile worker.cpuprofile --svg flames.svg',
    )
    .action(action(profile));
}

async function profile(session: Session, file: string | undefined, options: ProfileOptions): Promise<Outcome> {
  const { out, svg, top, kind } = options;
  if (kind !== 'cpu') return await otherKind(session, kind, options);
  if (file !== undefined && out !== undefined) {
    throw new ValidationError('VALIDATION_FAILED', '--out writes a new recording; the profile given is a file already');
  }
  // a recording must not be lost to a misspelt path
  for (const target of [out, svg]) if (target !== undefined) await checkTarget(session.io.cwd, target);
  const given = file === undefined ? await record(session, options) : await readProfile(session.io.cwd, file);
  if (out !== undefined) await writeText(session.io.cwd, out, JSON.stringify(given));
  if (svg !== undefined)
    await writeText(
      session.io.cwd,
      svg,
      flameGraph(given, { title: file === undefined ? (options.process ?? session.settings.url) : basename(file) }),
    );
  show(session, given, top);
  for (const written of [out, svg]) if (written !== undefined) session.hint(`written: ${written}`);
  return undefined;
}

async function otherKind(
  session: Session,
  kind: 'heap' | 'event-loop',
  { process, seconds, interval, out, svg }: ProfileOptions,
): Promise<Outcome> {
  if (process === undefined || out !== undefined || svg !== undefined) {
    throw new ValidationError('VALIDATION_FAILED', `--kind ${kind} needs --process, and writes no files here`);
  }
  session.hint(`recording ${process}`);
  const taken = await session.client.takeProfile({ process, kind, seconds, intervalMicros: interval, signal: session.signal });
  if (session.settings.json) session.writeJson(taken);
  else if (kind === 'heap') {
    const { file, bytes, tookMs } = heapSnapshotView.parse(taken);
    session.write(`${clean(file)} on the machine of ${clean(process)}: ${(bytes / 1_048_576).toFixed(1)} MB in ${tookMs} ms`);
  } else {
    const { recordedMs, utilization, lagMs, resources } = eventLoopView.parse(taken);
    session.write(`busy ${(100 * utilization).toFixed(1)} % of ${(recordedMs / 1_000).toFixed(1)} s`);
    session.write(`lag: p50 ${lagMs.p50} ms, p90 ${lagMs.p90} ms, p99 ${lagMs.p99} ms, at most ${lagMs.max} ms`);
    for (const [name, count] of Object.entries(resources)) session.write(`  ${String(count).padStart(5)}  ${clean(name)}`);
  }
  return undefined;
}

async function record(session: Session, { seconds, interval, process }: ProfileOptions): Promise<CpuProfile> {
  const { settings, signal } = session;
  if (process !== undefined) {
    session.hint(`recording ${seconds} s of ${process}`);
    return asCpuProfile(await session.client.takeProfile({ process, kind: 'cpu', seconds, intervalMicros: interval, signal }));
  }
  session.hint(`recording ${seconds} s of ${settings.url}`);
  return await recordProfile({ url: settings.url, key: settings.key, seconds, interval, signal });
}

const PLACES = 15;

function show(session: Session, given: CpuProfile, top: number): void {
  const { recordedMs, busyMs } = timesOf(given);
  const functions = hotFunctions(given, top);
  const places = hotPlaces(given, PLACES);
  if (session.settings.json) {
    session.writeJson({ recordedMs, busyMs, places, functions });
    return;
  }
  session.write(`${(busyMs / 1_000).toFixed(1)} s busy of ${(recordedMs / 1_000).toFixed(1)} s recorded; shares are of the busy time`);
  if (busyMs === 0) return;
  session.write('');
  writeHot(session, 'PACKAGE OR FOLDER', places);
  session.write('');
  writeHot(session, 'FUNCTION', functions);
}

function writeHot(session: Session, title: string, hot: readonly HotFunction[]): void {
  const columns = [{ title: 'ITSELF', align: 'right' as const }, { title: 'SHARE', align: 'right' as const }, { title }];
  const rows = hot.map(({ name, selfMs, share }) => [`${selfMs.toFixed(0)} ms`, `${(100 * share).toFixed(1)} %`, name]);
  for (const line of tableLines(columns, rows, terminalWidth(session))) session.writeLine(line);
}
