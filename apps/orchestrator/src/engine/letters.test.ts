import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Bundle, type Letter, Letterbox, type Reply } from './letters.ts';

const reply: Reply = { applied: () => undefined, refused: () => undefined };
let count = 0;
const letter = (run: string, size = 0): Letter => ({
  run,
  size,
  reply,
  patient: true,
  tries: 0,
  input: { type: 'cancel', by: `${++count}` },
});
const shown = (bundles: readonly Bundle[] | undefined): string[] => (bundles ?? []).map(({ run, letters }) => `${run}${letters.length}`);

describe('Letterbox', () => {
  test('bundles the letters of a run, and takes no more than it is asked for', () => {
    const box = new Letterbox(1_000);
    for (const run of ['a', 'b', 'a', 'c', 'a']) box.add(letter(run));
    expect(shown(box.take(4))).toEqual(['a2', 'b1', 'c1']);
    expect([box.size, box.backlog]).toEqual([0, 1]);
  });

  test('letters of a run under way wait until it is released, before those that came after them', () => {
    const box = new Letterbox(1_000);
    box.add(letter('a'));
    const first = box.take(10) ?? [];
    const [late, other] = [letter('a'), letter('b')];
    box.add(late);
    box.add(other);
    expect([box.size, box.backlog]).toEqual([1, 2]);
    expect(shown(box.take(10))).toEqual(['b1']);
    expect(box.take(10)).toBeUndefined();
    box.release(first);
    expect(box.take(10)?.[0]?.letters).toEqual([late]);
  });

  test('letters that are to be decided again come before those that came meanwhile', () => {
    const box = new Letterbox(1_000);
    const [one, two] = [letter('a'), letter('a')];
    box.add(one);
    const bundles = box.take(10) ?? [];
    box.add(two);
    box.release(bundles, [one]);
    expect(box.take(10)?.[0]?.letters).toEqual([one, two]);
  });

  test('a batch carries no more than its bound, but one letter always goes', () => {
    const box = new Letterbox(100);
    for (const [run, size] of [
      ['a', 500],
      ['b', 60],
      ['c', 60],
      ['d', 10],
    ] as const)
      box.add(letter(run, size));
    expect(shown(box.take(10))).toEqual(['a1']);
    expect(shown(box.take(10))).toEqual(['b1']);
    expect(shown(box.take(10))).toEqual(['c1', 'd1']);
  });

  test('letters of urgent runs go first when not all fit, but others go with them, and each run keeps its order', () => {
    const box = new Letterbox(1_000, (run) => run.startsWith('urgent'));
    for (let index = 0; index < 40; index++) box.add(letter(`other ${index}`));
    const [first, second] = [letter('urgent'), letter('urgent')];
    box.add(first);
    box.add(second);
    for (let index = 0; index < 40; index++) box.add(letter(`urgent ${index}`));
    const batch = box.take(32) ?? [];
    expect(batch[0]?.letters).toEqual([first, second]);
    expect(batch.filter(({ run }) => run.startsWith('other')).map(({ run }) => run)).toEqual(['other 0', 'other 1', 'other 2', 'other 3']);
    expect([box.size, batch.reduce((sum, { letters }) => sum + letters.length, 0)]).toEqual([50, 32]);
  });

  test('a letter of an urgent run travels with few others, in front of them', () => {
    const box = new Letterbox(1_000, (run) => run === 'urgent');
    for (let index = 0; index < 20; index++) box.add(letter(`other ${index}`));
    box.add(letter('urgent'));
    expect(shown(box.take(24))).toEqual(['urgent1', 'other 01', 'other 11', 'other 21']);
    expect(box.take(24)).toHaveLength(17);
  });

  test('no letter is lost or doubled, runs under way are disjoint, and each run keeps its order', () => {
    const step = fc.oneof(
      fc.record({ add: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ release: fc.nat({ max: 3 }), again: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const box = new Letterbox(1_000);
        const sent = new Map<string, Letter[]>();
        const got = new Map<string, Letter[]>();
        const open: (readonly Bundle[])[] = [];
        const release = (at: number, again: boolean): void => {
          const [bundles] = open.splice(at, 1);
          if (bundles === undefined) return;
          box.release(bundles, again ? bundles.flatMap(({ letters }) => letters) : []);
          if (!again) for (const { run, letters } of bundles) got.set(run, [...(got.get(run) ?? []), ...letters]);
        };
        for (const one of steps) {
          if ('add' in one) {
            const added = letter(one.add);
            sent.set(one.add, [...(sent.get(one.add) ?? []), added]);
            box.add(added);
          } else if ('take' in one) {
            const bundles = box.take(one.take);
            if (bundles !== undefined) open.push(bundles);
            const runs = open.flat().map(({ run }) => run);
            expect(new Set(runs).size).toBe(runs.length);
          } else release(one.release, one.again);
        }
        for (;;) {
          while (open.length > 0) release(0, false);
          const bundles = box.take(5);
          if (bundles === undefined) break;
          open.push(bundles);
        }
        expect([box.size, box.backlog]).toEqual([0, 0]);
        expect(got).toEqual(sent);
      }),
      { numRuns: 300 },
    );
  });

  test('clearing it gives what waits', () => {
    const box = new Letterbox(100);
    const one = letter('a');
    box.add(one);
    expect([box.clear(), box.size]).toEqual([[one], 0]);
  });
});
