import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT_USAGE, progress, writeResult } from './command.ts';
import { type EngineName, ENGINES } from './engines.ts';
import { describeEnvironment } from './environment.ts';
import { measureEngine } from './measure-engine.ts';
import { type Options, parseOptions } from './options.ts';
import { reportProfiles } from './profile/report-profiles.ts';
import { chart } from './report/chart.ts';
import { reportText } from './report/text.ts';
import type { Measurement, Results } from './results.ts';
import { type BenchServers, startBenchServers } from './servers/bench-servers.ts';
import { installPeers } from './servers/install-peers.ts';
import { selectWorkloads } from './workloads.ts';

async function main(options: Options): Promise<number> {
  if (options.engines.some((name) => name !== 'mainstay')) await installPeers(progress);
  const servers = await startBenchServers(progress);
  try {
    const results = await measureAll(options, servers);
    writeResult(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
    writeResult(options.svg, chart(results));
    process.stdout.write(reportText(results));
    if (options.profile !== undefined) process.stdout.write(reportProfiles(resolve(options.profile)));
    process.stdout.write(`Written: ${options.json}, ${options.svg}\n`);
    return results.failures.length > 0 ? 1 : 0;
  } finally {
    await servers.close();
  }
}

async function measureAll(options: Options, servers: BenchServers): Promise<Results> {
  const environment = describeEnvironment(servers.versions);
  const workloads = selectWorkloads(options.workloads, options.quick);
  const profileFolder = options.profile === undefined ? undefined : resolve(options.profile);
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true });
  const measurements: Measurement[] = [];
  const failures: Results['failures'][number][] = [];
  for (let round = 1; round <= options.rounds; round++)
    for (const name of rotated(options.engines, round - 1)) {
      progress(`round ${round} of ${options.rounds}: ${ENGINES[name].label}`);
      const onFigures = (figures: Measurement['figures']): void => {
        measurements.push({ round, engine: name, figures });
        progress(`  ${lineOf(figures)}`);
      };
      try {
        await measureEngine(ENGINES[name], servers, { workloads, round, profileFolder, onFigures });
      } catch (error) {
        failures.push({ round, engine: name, error: error instanceof Error ? error.message : String(error) });
        progress(`  failed: ${failures.at(-1)?.error ?? ''}`);
      }
    }
  return { environment, quick: options.quick, rounds: options.rounds, workloads, measurements, failures };
}

/** Each round begins with another engine, so that none always runs on the freshest or the most worn disk. */
function rotated(engines: readonly EngineName[], by: number): readonly EngineName[] {
  const at = by % engines.length;
  return [...engines.slice(at), ...engines.slice(0, at)];
}

function lineOf(figures: Measurement['figures']): string {
  if (figures.type === 'recovery')
    return `recovery ${figures.recoveryMs.toFixed(0)} ms, ${figures.repeated} steps repeated, ${figures.lostRuns} runs lost`;
  return `${figures.workload} ${figures.stepsPerSecond.toFixed(0)} steps/s, p50 ${figures.p50Ms.toFixed(2)} ms`;
}

const parsed = parseOptions(process.argv.slice(2));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if ('help' in parsed) process.stdout.write(parsed.help);
else if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n`);
  process.exitCode = EXIT_USAGE;
} else process.exitCode = await main(parsed.options);
