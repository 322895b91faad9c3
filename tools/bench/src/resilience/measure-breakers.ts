import { createHook } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { breakerNamed } from './subjects.ts';

/**
 * Program: makes breakers and writes what they take. Arguments: whose breakers, how many, how each is used before: `idle` (one
 * successful call) or `failed` (another one that failed). Needs `--expose-gc`.
 */
const [name = '', number = '10000', use = 'idle'] = process.argv.slice(2);
const count = Number(number);
const make = await breakerNamed(name);

const timers = new Set<number>();
createHook({
  init(id, type) {
    if (type === 'Timeout') timers.add(id);
  },
  destroy: (id) => timers.delete(id),
}).enable();

function memory(): { readonly heap: number; readonly rss: number } {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

const succeed = async (): Promise<number> => Promise.resolve(1);
const fail = async (): Promise<number> => Promise.reject(new Error('down'));

const before = memory();
const calls = Array.from({ length: count }, (_, index) => make(`dependency ${index}`));
for (const call of calls) {
  await call(succeed);
  if (use === 'failed') await call(fail).catch(() => undefined);
}
for (let index = 0; index < 100; index++) await turn();
const after = memory();
// asked after the measurement, so that it sees all of them
const kept = calls.length;
process.stdout.write(JSON.stringify({ kept, heapBytes: after.heap - before.heap, rssBytes: after.rss - before.rss, timers: timers.size }));
process.exit(0);
