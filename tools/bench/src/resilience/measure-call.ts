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

async function batch(): Promise<number> {
  const begun = process.hrtime.bigint();
  for (let index = 0; index < count; index++) await call();
  return Number(process.hrtime.bigint() - begun) / count;
}

for (let warmUp = 0; warmUp < 2; warmUp++) await batch();
const nanos: number[] = [];
for (let index = 0; index < BATCHES; index++) nanos.push(await batch());
process.stdout.write(JSON.stringify({ nanos: Math.min(...nanos) }));
// the peers' breakers have timers
process.exit(0);
