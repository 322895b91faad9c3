import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSampler } from './sampler.ts';
import * as ids from './span-ids.ts';

describe('ids of spans', () => {
  test('are valid, the same for the same thing, and others for other things', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, fc.nat(1_000), (run, task, n) => {
        const all = [
          ids.runSpanId(run, n),
          ids.taskSpanId(run, task, n),
          ids.dispatchSpanId(run, task, n),
          ids.attemptSpanId(run, task, n),
          ids.queueSpanId(run, task, n),
          ids.callSpanId(run, task, n, 1),
          ids.dispatchSpanId(run, task, n + 1),
        ];
        for (const id of all) expect(id).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
        expect(new Set(all).size).toBe(all.length);
        expect(ids.dispatchSpanId(run, task, n)).toBe(all[2]);
      }),
    );
  });

  test('do not meet, among very many that are much alike', () => {
    const seen = new Set<string>();
    for (let run = 0; run < 1_000; run++)
      for (let task = 0; task < 100; task++) for (let n = 0; n < 3; n++) seen.add(ids.dispatchSpanId(`run-${run}`, `step-${task}`, n));
    expect(seen.size).toBe(300_000);
  });

  test('have every bit of them from the whole of the name', () => {
    const ones = new Array<number>(64).fill(0);
    for (let n = 0; n < 4_000; n++) {
      const bits = BigInt(`0x${ids.waitSpanId('r', n)}`);
      for (let bit = 0; bit < 64; bit++) if ((bits >> BigInt(bit)) & 1n) ones[bit] = (ones[bit] ?? 0) + 1;
    }
    for (const count of ones) expect(Math.abs(count / 4_000 - 0.5)).toBeLessThan(0.05);
  });

  test('stay what they are: workers and orchestrators of different versions make them', () => {
    expect([ids.runSpanId('r', 0), ids.dispatchSpanId('r', 't', 1), ids.rootSpanId('a'.repeat(32))]).toEqual(PINNED);
  });
});

const PINNED = ['2848b9758d712908', '00ffa02a7c7eafc2', '48a575e6e262bfb4'];

describe('createSampler', () => {
  const traceId = (n: number) => n.toString(16).padStart(32, '0');
  const random = Array.from({ length: 20_000 }, () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex'));

  test('takes its share of traces, and the same ones in every process', () => {
    const [a, b] = [createSampler('traceidratio', 0.1), createSampler('parentbased_traceidratio', 0.1)];
    const taken = random.filter((id) => a(id, undefined));
    expect(taken.length / random.length).toBeCloseTo(0.1, 1);
    expect(taken.every((id) => b(id, undefined))).toBe(true);
  });

  test.each([
    ['always_on', [true, true, true]],
    ['always_off', [false, false, false]],
    ['parentbased_always_on', [true, true, false]],
    ['parentbased_always_off', [false, true, false]],
    ['traceidratio', [false, false, false]],
    ['parentbased_traceidratio', [false, true, false]],
  ] as const)('%s decides for a root, below a sampled parent and below an unsampled one', (name, expected) => {
    const sample = createSampler(name, 0);
    expect([undefined, true, false].map((parent) => sample(traceId(7), parent))).toEqual(expected);
  });
});
