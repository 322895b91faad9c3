import { execFile } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXIT_USAGE, progress, writeResult } from './command.ts';
import { parseResilienceOptions, type ResilienceOptions } from './resilience/resilience-options.ts';
import { type BreakersTaken, resilienceBars, type ResilienceResults, resilienceText } from './resilience/resilience-report.ts';
import { breakerNames, subjectNames } from './resilience/subjects.ts';
import { installPeers } from './servers/install-peers.ts';

const PEERS = fileURLToPath(new URL('../peers-resilience/', import.meta.url));
const BREAKERS = 10_000;
const PROCESS_LIMIT_MS = 120_000;
const run = promisify(execFile);

async function main({ rounds, quick, json }: ResilienceOptions): Promise<number> {
  const load = loadavg()[0] ?? 0;
  await installPeers(progress, { folder: PEERS, size: '1 MB' });
  const results: ResilienceResults = {
    at: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    load,
    quick,
    ...(await measureCalls(rounds, quick ? 5_000 : 50_000)),
    breakers: await measureBreakers(),
  };
  writeResult(json, `${JSON.stringify(results, undefined, 1)}\n`);
  process.stdout.write(`${resilienceText(results)}Written: ${json}\n`);
  return resilienceBars(results).every(({ kept }) => kept) ? 0 : 1;
}

/** Each subject has a process of its own, so that none is compiled for the sake of another; rounds are interleaved. */
async function measureCalls(rounds: number, count: number): Promise<Pick<ResilienceResults, 'calls' | 'cpuCalls'>> {
  const calls: Record<string, number[]> = {};
  const cpuCalls: Record<string, number[]> = {};
  for (let round = 1; round <= rounds; round++) {
    progress(`calls, round ${round} of ${rounds}`);
    for (const name of subjectNames) {
      const measured = (await program('measure-call.ts', name, String(count))) as { readonly nanos: number; readonly cpuNanos: number };
      (calls[name] ??= []).push(measured.nanos);
      (cpuCalls[name] ??= []).push(measured.cpuNanos);
    }
  }
  return { calls, cpuCalls };
}

async function measureBreakers(): Promise<readonly BreakersTaken[]> {
  const taken: BreakersTaken[] = [];
  for (const use of ['idle', 'failed']) {
    for (const name of breakerNames) {
      progress(`breakers of ${name}, ${use}`);
      const measured = (await program('measure-breakers.ts', name, String(BREAKERS), use)) as Omit<BreakersTaken, 'name' | 'use'>;
      taken.push({ name, use, ...measured });
    }
  }
  return taken;
}

async function program(file: string, ...args: readonly string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(`resilience/${file}`, import.meta.url));
  const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  const { stdout } = await run(process.execPath, [...flags, path, ...args], { timeout: PROCESS_LIMIT_MS, killSignal: 'SIGKILL' });
  return JSON.parse(stdout) as unknown;
}

const parsed = parseResilienceOptions(process.argv.slice(2));
if ('help' in parsed) process.stdout.write(parsed.help);
else if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n`);
  process.exitCode = EXIT_USAGE;
} else process.exitCode = await main(parsed.options);
