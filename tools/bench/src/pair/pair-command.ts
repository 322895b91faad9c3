import { resolve } from 'node:path';
import { EXIT_USAGE, progress, writeResult } from '../command.ts';
import { describeEnvironment } from '../environment.ts';
import { reportProfiles } from '../profile/report-profiles.ts';
import { type BenchServers, startBenchServers } from '../servers/bench-servers.ts';
import { type Generation, measurePair, type PairPlan } from './measure-pair.ts';
import { pairFigures } from './pair-figures.ts';
import { pairBars, type PairBars, type PairResults, pairText } from './pair-report.ts';
import { parsePairOptions, type PairCommandOptions } from './pair-options.ts';

/** One comparison: `bench:<name>`. */
export interface PairCommand {
  readonly name: string;
  readonly purpose: string;
  readonly bars: PairBars;
  /** What the arms need beside the servers, such as something to send to. */
  readonly open: () => Promise<PairScene>;
}

export interface PairScene {
  readonly specs: PairPlan['specs'];
  /** What else was seen, and must be, when all is measured. */
  readonly seen: (generations: readonly Generation[]) => Pick<PairResults, 'notes' | 'bars'>;
  readonly close: () => Promise<void>;
}

/** The whole of a program that compares: reads its arguments, measures, reports; exits with 1 if a bar is not kept. */
export async function runPairCommand(command: PairCommand): Promise<void> {
  const parsed = parsePairOptions(process.argv.slice(2), command.name, command.purpose);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  if ('help' in parsed) process.stdout.write(parsed.help);
  else if ('problem' in parsed) {
    process.stderr.write(`${parsed.problem}\n`);
    process.exitCode = EXIT_USAGE;
  } else {
    const servers = await startBenchServers(progress);
    try {
      process.exitCode = await measured(command, parsed.options, servers);
    } finally {
      await servers.close();
    }
  }
}

async function measured(command: PairCommand, { plan, quick, json, profile }: PairCommandOptions, servers: BenchServers): Promise<number> {
  const environment = describeEnvironment(servers.versions);
  const scene = await command.open();
  try {
    const generations = await measurePair(
      { ...plan, specs: scene.specs },
      { servers, profileFolder: profile && resolve(profile), onProgress: progress },
    );
    const results: PairResults = { environment, quick, generations, ...scene.seen(generations) };
    writeResult(json, `${JSON.stringify({ ...results, figures: pairFigures(generations) }, undefined, 1)}\n`);
    process.stdout.write(`${pairText(results, command.bars)}Written: ${json}\n`);
    if (profile !== undefined) process.stdout.write(reportProfiles(resolve(profile)));
    return [...pairBars(pairFigures(generations), command.bars), ...results.bars].every(({ kept }) => kept) ? 0 : 1;
  } finally {
    await scene.close();
  }
}
