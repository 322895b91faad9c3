import { subjectNamed } from './subjects.ts';

/**
 * Program: measures one subject and writes nanoseconds per successful call in the least disturbed batch. Arguments: the subject's name,
 * calls per batch.
 */
const BATCHES = 7;

const [name = '', calls = '50000'] = process.argv.slice(2);
const count = Number(calls);
const make = await subjectNamed(name);
const call = make(async () => Promise.resolve(1));

/** Nanoseconds per call: elapsed, and of CPU time of all threads. */
interface Batch {
  readonly nanos: number;
  readonly cpuNanos: number;
}

async function batch(): Promise<Batch> {
  const before = process.cpuUsage();
  const begun = process.hrtime.bigint();
  for (let index = 0; index < count; index++) await call();
  const nanos = Number(process.hrtime.bigint() - begun) / count;
  const { user, system } = process.cpuUsage(before);
  return { nanos, cpuNanos: ((user + system) * 1_000) / count };
}

for (let warmUp = 0; warmUp < 2; warmUp++) await batch();
const batches: Batch[] = [];
for (let index = 0; index < BATCHES; index++) batches.push(await batch());
const least: Batch = {
  nanos: Math.min(...batches.map(({ nanos }) => nanos)),
  cpuNanos: Math.min(...batches.map(({ cpuNanos }) => cpuNanos)),
};
process.stdout.write(JSON.stringify(least));
// the peers' breakers have timers
process.exit(0);
