import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
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
