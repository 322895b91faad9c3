import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { controlMessages, taskMessages, workerMessages } from './families.ts';
import { type MessageFamily, readMessage } from './versions.ts';

// Values as programs write them now.
const name = fc.string({ minLength: 1, maxLength: 200 });
const positive = fc.integer({ min: 1 });
const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const envelope = {
  v: fc.constant(taskMessages.current),
  id: name,
  tenant: name,
  run: name,
  task: name,
  attempt: positive,
  fence: positive,
  deadline: maybe(positive),
  correlationId: name,
  traceparent: fc.tuple(hex(32), hex(16), hex(2)).map(([trace, span, flags]) => `00-${trace}-${span}-${flags}`),
};
const attempt = fc.record({ run: name, task: name, fence: positive });
const error = fc.record({
  code: fc.constantFrom('AGENT_FAILED', 'ECONNRESET'),
  name,
  message: name,
  disposition: fc.constantFrom('terminal', 'retryable'),
  details: maybe(fc.constant({ a: 1 })),
  retryAfterMs: maybe(fc.nat()),
  stack: maybe(name),
  cause: maybe(fc.constant({ code: 'X', name: '', message: '', disposition: 'cancelled' })),
});
const outcome = fc.oneof(
  fc.record({ status: fc.constant('succeeded'), output: json }),
  fc.record({ status: fc.constant('failed'), error }),
  fc.record({ status: fc.constantFrom('suspended', 'cancelled') }),
  fc.record({
    status: fc.constant('asked'),
    question: fc.record({
      key: name,
      question: name,
      timeoutMs: maybe(positive),
      default: maybe(json),
      options: maybe(fc.array(json, { minLength: 1, maxLength: 5 })),
      agent: maybe(name),
      context: maybe(json),
    }),
  }),
);
const task = fc.record({
  ...envelope,
  type: fc.constant('task'),
  agent: name,
  pipeline: name,
  priority: fc.constantFrom('high', 'normal', 'low'),
  input: json,
  timeoutMs: positive,
  idempotencyKey: name,
  restored: maybe(json),
  answers: fc.array(fc.record({ key: name, answer: json, comment: maybe(name), by: name }), { maxLength: 5 }),
});
const result = fc.record({
  ...envelope,
  type: fc.constant('result'),
  worker: name,
  startedAt: positive,
  finishedAt: positive,
  outcome,
  checkpoint: maybe(json),
});
const report = fc.record({
  ...envelope,
  type: fc.constant('report'),
  worker: name,
  startedAt: positive,
  number: maybe(positive),
  progress: maybe(fc.record({ fraction: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs), note: maybe(name) })),
  checkpoint: maybe(json),
  events: fc.array(fc.record({ name, data: maybe(json), at: positive }), { maxLength: 5 }),
});
const v = fc.constant(controlMessages.current);
const end = fc.record({ status: fc.constantFrom('succeeded', 'failed', 'cancelled'), at: positive });
const offer = fc.record({
  kind: name,
  version: maybe(fc.string({ maxLength: 64 })),
  description: maybe(name),
  input: fc.constant({ type: 'object' }),
  output: fc.constant({}),
});
const emergency = fc.record({
  ...{
    at: positive,
    change: fc.constantFrom('entered', 'left'),
    triggers: fc.array(fc.constantFrom('memory', 'health'), { maxLength: 2 }),
  },
  ...{ reason: maybe(name), by: maybe(name) },
});
const control = fc.oneof(
  fc.record({
    ...{
      v,
      type: fc.constant('heartbeat'),
      worker: name,
      host: name,
      pid: positive,
      version: fc.string({ maxLength: 64 }),
      startedAt: positive,
    },
    ...{
      capacity: positive,
      running: fc.array(attempt, { maxLength: 5 }),
      draining: fc.boolean(),
      rssBytes: fc.nat(),
      kinds: fc.array(name, { maxLength: 5 }),
      offers: maybe(fc.array(offer, { maxLength: 3 })),
      emergencies: maybe(fc.array(emergency, { maxLength: 3 })),
    },
  }),
  fc.record({
    ...{ v, type: fc.constant('hello'), from: name },
    emergency: maybe(
      fc.record({ process: name, active: fc.boolean(), reason: fc.string({ maxLength: 1_000 }), by: name, ttlMs: positive }),
    ),
    level: maybe(fc.record({ id: name, level: fc.constantFrom('debug', 'silent', 'default'), forMs: maybe(positive), by: name })),
    ask: maybe(fc.record({ id: name, what: fc.string({ minLength: 1, maxLength: 64 }), params: fc.constant({ a: 1 }) })),
    reply: maybe(
      fc.record({
        ...{ id: name, part: fc.nat(), parts: fc.nat(), data: fc.string() },
        error: maybe(fc.constant({ code: 'PROFILE_RUNNING', message: '', details: {} })),
      }),
    ),
  }),
  fc.record({
    ...{ v, type: fc.constant('orchestrator'), name, draining: fc.boolean(), startedAt: positive },
    aside: maybe(fc.boolean()),
    watches: maybe(fc.array(name, { maxLength: 3 })),
  }),
  fc.record({
    v,
    type: fc.constant('cancel'),
    attempts: fc.array(attempt, { minLength: 1, maxLength: 5 }),
    reason: fc.constantFrom('cancelled', 'lease-lost', 'deadline'),
  }),
  fc.record({
    v,
    type: fc.constant('events'),
    runs: fc.array(fc.record({ run: name, tenant: name, last: fc.nat(), ended: maybe(end) }), { maxLength: 5 }),
  }),
);

/** Values at the limits of what fields take, and beyond; `undefined` takes a field away. */
const STRANGE: readonly unknown[] = [
  ...[undefined, null, 0, -1, 0.5, 1, 1.5, 2 ** 53, 1e999, true, '', 'x', [], {}, [{}], { a: 1 }, 'result', 'failed'],
  ...[64, 128, 200, 255, 500, 1_000, 2_000, 8_000, 10_000].flatMap((length) => ['x'.repeat(length), 'x'.repeat(length + 1)]),
];
const LIST_LENGTHS = [0, 1, 100, 101, 1_000, 1_001, 10_000, 10_001];

/** The value with one field, anywhere in it, changed, taken away, added or, if it is a list, of another length: all of them. */
function* changes(value: unknown): Generator {
  yield* STRANGE;
  if (Array.isArray(value)) {
    for (const length of LIST_LENGTHS) yield Array.from({ length }, () => value[0] as unknown);
    for (const changed of changes(value[0])) yield [changed];
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, held] of Object.entries({ ...value, added: 1 })) {
      for (const changed of changes(held)) yield { ...value, [key]: changed };
    }
  }
}

/** The message, or why it is refused. */
function outcomeOf(family: MessageFamily<unknown>, raw: unknown): unknown {
  try {
    return readMessage(family, raw);
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

describe.each<[string, MessageFamily<unknown>, fc.Arbitrary<unknown>]>([
  ['task', taskMessages, task],
  ['worker', workerMessages, fc.oneof(result, report)],
  ['control', controlMessages, control],
])('a %s message that is written now', (_name, family, messages) => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const sent: unknown = JSON.parse(JSON.stringify(message));
        expect(readMessage(family, sent)).toEqual(sent);
      }),
    );
  });

  test('is accepted by the schema of every published version that its readers may have', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const sent: unknown = JSON.parse(JSON.stringify(message));
        for (const { schema } of Object.values(family.versions)) expect(schema.safeParse(sent).error).toBeUndefined();
      }),
    );
  });

  test('is read without its schema', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(family.isExact(JSON.parse(JSON.stringify(message)))).toBe(true);
      }),
    );
  });

  test('is read as its schema alone would read it, whatever is changed in it', () => {
    const bySchema = { ...family, isExact: () => false };
    fc.assert(
      fc.property(messages, (message) => {
        for (const changed of changes(JSON.parse(JSON.stringify(message)))) {
          const [read, expected] = [outcomeOf(family, changed), outcomeOf(bySchema, changed)];
          if (!isDeepStrictEqual(read, expected)) expect(read).toEqual(expected);
        }
      }),
      { numRuns: 5 },
    );
  });
});
