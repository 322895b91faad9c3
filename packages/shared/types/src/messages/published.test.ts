import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { controlMessages, taskMessages, workerMessages } from './families.ts';
import { type MessageFamily, readMessage } from './versions.ts';

const FOLDER = new URL('../../fixtures/messages/', import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
const published = read('published.json') as Readonly<Record<string, string>>;
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.includes('/'))
  .toSorted();

const families: readonly MessageFamily<unknown>[] = [taskMessages, workerMessages, controlMessages];
const PREFIXES: readonly [prefix: string, family: MessageFamily<unknown>][] = [
  ['task', taskMessages],
  ['result', workerMessages],
  ['report', workerMessages],
  ['control', controlMessages],
];

function familyOf(file: string): MessageFamily<unknown> {
  const name = file.split('/')[1] ?? '';
  const found = PREFIXES.find(([prefix]) => name.startsWith(prefix));
  if (found === undefined) throw new Error(`no family for ${file}`);
  return found[1];
}

describe('published messages', () => {
  test('are never edited, removed or added to: a changed message needs a new version and its own fixtures', () => {
    const hashes = files.map((file) => [
      file,
      createHash('sha256')
        .update(JSON.stringify(read(file)))
        .digest('hex'),
    ]);
    expect(Object.fromEntries(hashes)).toEqual(published);
  });

  test.each(families.map((family) => [family.name, family] as const))(
    'there are fixtures of every version of %s that is read',
    (_name, family) => {
      for (const version of Object.keys(family.versions)) {
        expect(files.some((file) => file.startsWith(`v${version}/`) && familyOf(file) === family)).toBe(true);
      }
    },
  );

  test('show every type, every outcome and every control message', () => {
    const seen = files.map(read).map((message) => {
      const { type, outcome } = message as { type: string; outcome?: { status: string } };
      return outcome === undefined ? type : `${type} ${outcome.status}`;
    });
    expect(new Set(seen)).toEqual(
      new Set([
        ...['task', 'report', 'result succeeded', 'result failed', 'result suspended', 'result asked', 'result cancelled'],
        ...['heartbeat', 'hello', 'orchestrator', 'cancel', 'events'],
      ]),
    );
  });

  test.each(files)('%s is read, and written again it says the same', (file) => {
    const family = familyOf(file);
    const sent = read(file);
    const message = readMessage(family, sent);
    const again: unknown = JSON.parse(JSON.stringify(message));
    expect(readMessage(family, again)).toEqual(message);
    if ((sent as { v: number }).v === family.current) expect(again).toEqual(sent);
  });

  test.each(files)('%s with fields of the future is read as if it had none', (file) => {
    const family = familyOf(file);
    const sent = read(file);
    const future = { ...(sent as object), v: family.current + 2, added: { in: 'the future' } };
    expect(readMessage(family, future)).toEqual(readMessage(family, sent));
  });

  test.each(files)('%s without its type is refused', (file) => {
    const family = familyOf(file);
    const sent = { ...(read(file) as object), type: undefined };
    expect(() => readMessage(family, sent)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });
});

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
  progress: maybe(fc.record({ fraction: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs), note: maybe(name) })),
  checkpoint: maybe(json),
  events: fc.array(fc.record({ name, data: maybe(json), at: positive }), { maxLength: 5 }),
});
const v = fc.constant(controlMessages.current);
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
    },
  }),
  fc.record({ v, type: fc.constant('hello'), from: name }),
  fc.record({ v, type: fc.constant('orchestrator'), name, draining: fc.boolean(), startedAt: positive }),
  fc.record({
    v,
    type: fc.constant('cancel'),
    attempts: fc.array(attempt, { minLength: 1, maxLength: 5 }),
    reason: fc.constantFrom('cancelled', 'lease-lost', 'deadline'),
  }),
  fc.record({ v, type: fc.constant('events'), runs: fc.array(fc.record({ run: name, tenant: name, last: fc.nat() }), { maxLength: 5 }) }),
);

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
});
