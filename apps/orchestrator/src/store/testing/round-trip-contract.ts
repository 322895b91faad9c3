import { isDeepStrictEqual } from 'node:util';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue, SerializedError } from '@mainstay/types';
import type { RunState, TaskBase, TaskState } from '../../pipeline/model.ts';
import type { StoreOf } from '../contract.ts';
import { change, type Deeds, failure, mark } from './changes.ts';
import { create, emptyStore, stored } from './setup.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc
    .array(fc.constantFrom('\0', '\ud800', '\udc00', '\uf8ff', '\\', '"', 'u0000', '__proto__', '{', ','), { maxLength: 5 })
    .map((parts) => parts.join('')),
);
/** Without single characters that JSON escapes: as keys, V8 13.6 (Node 24) takes some of them for a backslash when it parses. */
const key = text.filter((name) => name.length !== 1 || (JSON.stringify(name).length === 3 && name !== '\uf8ff'));
const json = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(tie('value')),
      fc.dictionary(key, tie('value')),
    ),
  }))
  .value.map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const time = fc.integer({ min: 0, max: 2_000_000_000_000 });
const stage = fc.constantFrom('a', 'b', 'c', 'd');
const error: fc.Arbitrary<SerializedError> = text.map((message) => ({ ...failure, message }));

const base: fc.Arbitrary<TaskBase> = fc.record(
  {
    stage,
    agent: fc.constantFrom('noop', 'echo'),
    ...{
      fallback: fc.nat(9),
      attempt: fc.nat(9),
      fence: fc.integer({ min: 1, max: 9 }),
      failures: fc.nat(9),
      losses: fc.nat(9),
      rounds: fc.nat(9),
    },
    answers: fc.array(fc.record({ key: text, answer: json, by: text }), { maxLength: 2 }),
    ...{ error, startedAt: time, inputOverride: json, checkpoint: json },
  },
  { requiredKeys: ['stage', 'agent', 'fallback', 'attempt', 'fence', 'failures', 'losses', 'rounds', 'answers'] },
);

const own = fc.oneof(
  fc.record({ status: fc.constant('ready'), dueAt: time }),
  fc.record({ status: fc.constant('dispatched'), dispatchedAt: time }),
  fc.record({
    status: fc.constant('running'),
    dispatchedAt: time,
    worker: text,
    reported: fc.nat(9),
    progress: fc.record({ fraction: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs) }),
  }),
  fc.record({ status: fc.constant('waiting'), decision: text, held: json }),
  fc.record({ status: fc.constant('succeeded'), output: json, finishedAt: time, degraded: fc.boolean() }),
  fc.record({ status: fc.constantFrom('skipped', 'cancelled'), finishedAt: time }),
  fc.record({ status: fc.constant('dead'), finishedAt: time, error }),
);
/** As JSON gives it: without prototypes of its own kind and without a negative nothing. */
const task = fc.tuple(base, own).map(([common, particular]) => JSON.parse(JSON.stringify({ ...common, ...particular })) as TaskState);

/** Tasks that are written and stages that are pending again. */
const deeds = fc.record({
  tasks: fc.uniqueArray(task, { selector: ({ stage }) => stage, maxLength: 3 }),
  gone: fc.subarray(['a', 'b', 'c', 'd']),
});

export function roundTripContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('a run', () => {
    test('comes back as it was after any changes of its tasks, from memory and from the store', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(deeds, { minLength: 1, maxLength: 5 }), fc.boolean(), async (steps, rereads) => {
          let run = await create(store());
          for (const { tasks, gone } of steps) {
            const step = change(run, {}, sound(run, tasks, gone));
            if (!(await store().commit([step], mark)).has(run.id)) throw new Error('it was not written');
            const read = await stored(store(), run.id);
            if (!isDeepStrictEqual(read, step.state))
              throw new Error(`${JSON.stringify([...read.tasks])} instead of ${JSON.stringify([...step.state.tasks])}`);
            run = rereads ? read : step.state;
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

/** Written is not removed; whose checkpoint differs from the one before is named. */
function sound(run: RunState, tasks: readonly TaskState[], gone: readonly string[]): Deeds {
  const removed = gone.filter((stage) => run.tasks.has(stage) && tasks.every((task) => task.stage !== stage));
  return { tasks, removed, checkpoints: tasks.map(({ stage }) => stage) };
}
