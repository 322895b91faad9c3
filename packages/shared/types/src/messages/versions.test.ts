import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { MainstayError } from '../errors/mainstay-error.ts';
import { messageFamily, olderVersion, readMessage } from './versions.ts';

// A family with a history: version 2 renamed a field, 3 split one, 4 added one with a default.
const v1 = z.object({ v: z.number(), who: z.string(), at: z.string() });
const v2 = z.object({ v: z.number(), worker: z.string(), at: z.string() });
const v3 = z.object({ v: z.number(), worker: z.string(), host: z.string(), port: z.number().int() });
const v4 = v3.extend({ tags: z.array(z.string()).default([]) });
const steps = {
  1: olderVersion(v1, ({ who, at }) => ({ v: 2, worker: who, at })),
  2: olderVersion(v2, ({ worker, at }) => {
    const [host = '', port = ''] = at.split(':');
    return { v: 3, worker, host, port: Number(port) };
  }),
  3: olderVersion(v3, (message) => ({ ...message, v: 4 })),
};
const family = messageFamily('place', 4, v4, steps);

function failureOf(fn: () => unknown): MainstayError {
  try {
    fn();
  } catch (error) {
    if (error instanceof MainstayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const workers = fc.string({ minLength: 1 });
const hosts = fc.stringMatching(/^[a-z]{1,20}$/);
const ports = fc.integer({ min: 1, max: 65_535 });

describe('readMessage', () => {
  test('reads the current version', () => {
    const message = { v: 4, worker: 'w', host: 'h', port: 1, tags: ['a'] };
    expect(readMessage(family, message)).toEqual(message);
  });

  test('upgrades the two versions before, step by step', () => {
    fc.assert(
      fc.property(workers, hosts, ports, (worker, host, port) => {
        const current = { v: 4, worker, host, port, tags: [] };
        expect(readMessage(family, { v: 3, worker, host, port })).toEqual(current);
        expect(readMessage(family, { v: 2, worker, at: `${host}:${port}` })).toEqual(current);
      }),
    );
  });

  test('reads the two versions after: drops what it does not know and keeps what it does', () => {
    const sent = { worker: 'w', host: 'h', port: 1, tags: [], zone: 'north' };
    for (const v of [5, 6]) expect(readMessage(family, { v, ...sent })).toEqual({ v: 4, worker: 'w', host: 'h', port: 1, tags: [] });
  });

  test('reads in an older program what a newer one writes, while only optional fields are added', () => {
    const older = messageFamily('place', 3, v3, { 1: steps[1], 2: steps[2] });
    fc.assert(
      fc.property(workers, hosts, ports, fc.array(fc.string()), (worker, host, port, tags) => {
        const written: unknown = JSON.parse(JSON.stringify({ v: 4, worker, host, port, tags }));
        expect(readMessage(older, written)).toEqual({ v: 3, worker, host, port });
      }),
    );
  });

  test.each([1, 7, 100])('refuses version %i', (v) => {
    expect(() => readMessage(family, { v, worker: 'w' })).toThrow(
      expect.objectContaining({
        code: 'MESSAGE_VERSION_UNSUPPORTED',
        message: `A message of the family place has version ${v}; this program reads 2 to 6`,
        details: { family: 'place', version: v, supported: { from: 2, to: 6 } },
      }),
    );
  });

  test.each([null, undefined, 'text', 7, [], {}, { v: '4' }, { v: 0 }, { v: 1.5 }, { v: Number.NaN }])(
    'refuses %j, which has no version',
    (raw) => {
      expect(() => readMessage(family, raw)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
    },
  );

  test('names family, place and problem of an invalid message, but a bounded number of them', () => {
    const many = messageFamily('many', 1, z.object({ v: z.number(), list: z.array(z.number()) }));
    const caught = failureOf(() => readMessage(many, { v: 1, list: Array.from({ length: 1_000 }, () => 'hunter2') }));
    expect(caught).toMatchObject({ code: 'MESSAGE_INVALID', details: { family: 'many' } });
    expect(caught.message).toMatch(/^A message of the family many is not valid: list\.0: /);
    expect(caught.details['issues']).toHaveLength(20);
    expect(JSON.stringify([caught.message, caught.details])).not.toContain('hunter2');
    const whole = messageFamily(
      'whole',
      1,
      z.object({ v: z.number() }).refine(() => false, { message: 'never' }),
    );
    expect(() => readMessage(whole, { v: 1 })).toThrow('not valid: message: never');
  });

  test('checks an old message against the schema of its own version', () => {
    expect(() => readMessage(family, { v: 2, who: 'old name', at: 'h:1' })).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
  });

  test('checks what an upgrade made', () => {
    expect(() => readMessage(family, { v: 2, worker: 'w', at: 'without a port' })).not.toThrow();
    expect(() => readMessage(family, { v: 2, worker: 'w', at: 'h:not a number' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    );
  });
});

describe('messageFamily', () => {
  test('refuses to lose a version within the window', () => {
    expect(() => messageFamily('place', 4, v4, { 3: steps[3] })).toThrow('version 2 needs a schema and a step to version 3');
    expect(() => messageFamily('place', 2, v2, { 1: { schema: v1 } })).toThrow('version 1 needs a schema and a step to version 2');
  });

  test('does not ask for versions before the window or before the first', () => {
    expect(() => messageFamily('place', 4, v4, { 2: steps[2], 3: steps[3] })).not.toThrow();
    expect(() => messageFamily('place', 1, v1)).not.toThrow();
  });
});
