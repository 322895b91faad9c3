import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { type JsonValue, uuidv7 } from '@mainstay/types';
import type { StoreOf } from '../contract.ts';
import { change, decision, definition, end, failure, mark, newRun, running } from './changes.ts';
import { commit, create, emptyStore, stored } from './setup.ts';

const ODD = [
  ...[
    '',
    ' ',
    '"',
    "'",
    '\\',
    '\\u0000',
    '\\\\u0000',
    'a\0b',
    '\0',
    '\ud800',
    'x\udfff',
    '\udc00\ud800',
    '😀',
    '\uf8ff',
    '\uf8ff0000',
    '\uf8fff8ff',
  ],
  ...[
    '{"a":1}',
    '{a,b}',
    'null',
    '\u2028\n\r\t\b\f\u0001\u007f',
    '\\ud800',
    '$1',
    '%s',
    "'; drop table runs; --",
    '\ufeff',
    '\uffff',
    'é',
    'é',
  ],
];

const VALUES: readonly (readonly [string, JsonValue])[] = [
  ['odd strings', ODD],
  ['odd keys', JSON.parse(`{${ODD.map((text, index) => `${JSON.stringify(text)}:${String(index)}`).join(',')}}`) as JsonValue],
  ['a key called __proto__', JSON.parse('{"__proto__":{"x":1},"constructor":null}') as JsonValue],
  ['numbers', [0, -1, 1.5, 1e21, 1e-300, 1.7976931348623157e308, 5e-324, Number.MAX_SAFE_INTEGER, 0.1]],
  ['null', null],
  ['nested nothing', [[], {}, [null, [[]]], { a: { b: {} } }]],
  ['nesting 500 deep', Array.from({ length: 500 }).reduce<JsonValue>((inner) => [inner], 'x')],
  ['1 MiB', 'x'.repeat(1024 * 1024)],
  ['1 MiB of 4-byte characters', '😀'.repeat(262_144)],
];

export function valueContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);

  describe('values come back as they were given:', () => {
    test.each(VALUES)('%s', async (_name, value) => {
      const error = { ...failure, details: { value } };
      const run = await create(store(), { input: value, correlationId: 'a\0\ud800"\uf8ff' });
      const question = decision(uuidv7(), 'a', { question: { key: 'q', question: 'Go?', context: value } });
      const tasks = [running('a', 5, { checkpoint: value, inputOverride: value, error })];
      const asked = await commit(store(), change(run, {}, { tasks, checkpoints: ['a'], opened: [question] }));
      expectSame(await stored(store(), run.id), asked);
      const letter = { id: uuidv7(), stage: 'a', agent: 'noop', attempt: 1, losses: 0, input: value, error, at: 1 };
      const closed = { id: question.id, answer: value, by: 'a\0\ud800', comment: '\0', at: 9 };
      const step = change(asked, { error }, { closed: [closed], deadLetters: [letter] });
      const events = step.events.map((event) => ({ ...event, data: { value } }));
      const answered = await commit(store(), { ...step, events });
      const over = await commit(store(), end(answered, value));
      expectSame(await stored(store(), run.id), over);
      expectSame(await store().events('tenant-1', run.id, 4, 1), events);
      expectSame(await store().deadLetter('tenant-1', letter.id), { ...letter, run: run.id, pipeline: 'review' });
      const { answer, by, comment, at } = closed;
      const row = { ...question, answer, by, comment, run: run.id, status: 'answered', answeredAt: at };
      expectSame(await store().decision('tenant-1', question.id), row);
      expectSame((await store().runs('tenant-1', {}, { limit: 1 })).items[0]?.error, error);
      await store().putPipeline('tenant-1', definition('odd', { output: value }));
      expectSame((await store().pipeline('tenant-1', 'odd'))?.definition, definition('odd', { output: value }));
    });
  });

  describe('what is kept', () => {
    test('is not altered through the objects that were given or returned', async () => {
      const input = { list: [1] };
      const run = newRun({ input });
      await store().create([run], mark);
      const before = structuredClone(run.started.state);
      attempt(() => input.list.push(2));
      const loaded = await stored(store(), before.id);
      attempt(() => (loaded.tasks as Map<string, unknown>).clear());
      attempt(() => Object.assign(loaded, { seq: 99 }));
      expect((await stored(store(), before.id)).tasks).toEqual(before.tasks);
      expect(await stored(store(), before.id)).toMatchObject({ seq: before.seq, input: { list: [1] } });
      const mine = { ...definition('mine'), stages: [] as never[] };
      await store().putPipeline('tenant-1', mine);
      attempt(() => Object.assign(mine, { timeoutMs: 1 }));
      expect((await store().pipeline('tenant-1', 'mine'))?.definition).toEqual(definition('mine'));
    });
  });
}

/** Frozen objects refuse; that is as good. */
function attempt(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
  }
}

/** Without the picture of the difference that jest draws, which takes minutes for a mebibyte. */
function expectSame(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`differs: ${JSON.stringify(actual).slice(0, 2_000)} instead of ${JSON.stringify(expected).slice(0, 2_000)}`);
}
