import { describe, expect, jest, test } from '@jest/globals';
import { type Plan, planOf } from './core/plan.ts';
import { SOUND, type Variant } from './fleet/variant.ts';
import { simulate } from './simulate.ts';

jest.setTimeout(300_000);

/** A few hundred in every build; many more by the command. */
const SEEDS = 120;
const [CUT_AT, CUT_MS] = [1_000, 60_000];

/** One of two orchestrators does not reach the database for a minute, and all else is well. */
const cutOff = (seed: number): Plan => ({
  ...{ seed, orchestrators: 2, workers: 2, capacity: 8, runs: 12, calmAt: 1_500, treacherous: false },
  faults: [{ kind: 'cut-database', at: CUT_AT, forMs: CUT_MS, seat: 0, force: 0 }],
});

/** An orchestrator that tells nobody that it does not reach the database. */
const SILENT: Variant = {
  orchestratorTransport: (transport) =>
    new Proxy(transport, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'publish') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        const publish: typeof transport.publish = (channel, message) =>
          target.publish(channel, message.type === 'orchestrator' ? { ...message, draining: false, aside: false } : message);
        return publish;
      },
    }),
};

/** How many runs ended only when the link was mended. */
async function heldUp(seed: number, variant: Variant): Promise<number> {
  let count = 0;
  const onLine = ({ at, what }: { readonly at: number; readonly what: string }): void => {
    if (at >= CUT_AT + CUT_MS && /^run \S+: \d+ run\.(succeeded|failed|cancelled)/.test(what)) count++;
  };
  const { violation } = await simulate(cutOff(seed), { variant, onLine });
  expect(violation).toBeUndefined();
  return count;
}

describe('a simulation', () => {
  test('is a function of its seed: equal seeds have equal histories, told or not', async () => {
    for (const seed of [3, 1_416]) {
      const plan = planOf(seed);
      const first = await simulate(plan);
      const second = await simulate(planOf(seed));
      const lines: string[] = [];
      const told = await simulate(plan, { onLine: ({ what }) => lines.push(what) });
      expect(second).toEqual(first);
      expect(told).toEqual(first);
      expect(lines.length).toBeGreaterThan(100);
    }
  });

  test('of another seed is another history', async () => {
    const [one, other] = [await simulate(planOf(1)), await simulate(planOf(2))];
    expect(one.hash).not.toBe(other.hash);
  });

  test('breaks no rule', async () => {
    const broken = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation } = await simulate(planOf(seed));
      if (violation !== undefined) broken.push({ seed, ...violation });
    }
    expect(broken).toEqual([]);
  });

  test('an orchestrator that is cut off from the database leaves its work to the other; one that kept it would hold it up', async () => {
    for (const seed of [1, 2, 3]) {
      expect(await heldUp(seed, SOUND)).toBe(0);
      expect(await heldUp(seed, SILENT)).toBeGreaterThan(0);
    }
  });
});
