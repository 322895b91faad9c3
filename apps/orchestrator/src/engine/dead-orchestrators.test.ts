import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitUntil } from '@mainstay/services';
import { MemorySystem } from '../testing/memory-system.ts';

let system: MemorySystem;
/** Who was told of. */
let told: string[];

beforeEach(() => {
  system = new MemorySystem();
  told = [];
});
afterEach(() => system.close());

const engine = (onDied: () => Promise<void>) =>
  system.engine({}, system.store, (name) => {
    told.push(name);
    return onDied();
  });
/** It is killed, and had no time to leave the register. */
async function kill(name: string): Promise<void> {
  await system.kill(name);
  await system.store.checkIn({ orchestrator: name, batch: 0, published: 0, epoch: '' });
}
const telling = () => waitUntil(() => told.length > 0 || undefined, { timeoutMs: 10_000, intervalMs: 5 });
const onRecord = (names: readonly string[]) =>
  waitUntil(async () => ((await system.store.orchestrators()).join() === names.join() ? true : undefined), {
    timeoutMs: 10_000,
    intervalMs: 5,
  });

describe('an orchestrator that died', () => {
  test('is told of by one of those that are left, and stays on record until that is done', async () => {
    const done = Promise.withResolvers<undefined>();
    for (let n = 0; n < 3; n++) await engine(() => done.promise);
    await kill('orchestrator-1');
    await telling();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(told).toHaveLength(1);
    expect(await system.store.orchestrators()).toContain('orchestrator-1');
    done.resolve(undefined);
    expect(await onRecord(['orchestrator-2', 'orchestrator-3'])).toBe(true);
    expect(told).toHaveLength(1);
  });

  test('is told of again when that failed, or when who told of it dies as well', async () => {
    let failures = 0;
    await engine(() => Promise.resolve());
    await engine(() => new Promise(() => undefined));
    await kill('orchestrator-1');
    await telling();
    await engine(() => (++failures === 1 ? Promise.reject(new Error('not now')) : Promise.resolve()));
    await kill('orchestrator-2');
    expect(await onRecord(['orchestrator-3'])).toBe(true);
    expect(told.slice().sort()).toEqual(['orchestrator-1', 'orchestrator-1', 'orchestrator-1', 'orchestrator-2']);
  });
});
