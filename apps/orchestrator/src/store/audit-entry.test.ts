import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '@mainstay/types';
import { boundedDetails, MAX_DETAILS, newAuditEntry } from './audit-entry.ts';

const facts = { tenant: 't', actor: 'admin', action: 'runs.removed', target: 'x', correlationId: 'c', details: {} } as const;

describe('newAuditEntry', () => {
  test('cuts what is too long', () => {
    const { actor, target } = newAuditEntry({ ...facts, actor: 'a'.repeat(400), target: 'b'.repeat(900) });
    expect([actor.length, target.length, actor.endsWith('…')]).toEqual([300, 500, true]);
  });

  test('takes secrets out of all texts', () => {
    const url = 'postgres://me:hunter2@db';
    const entry = newAuditEntry({ ...facts, actor: url, target: url, correlationId: url, details: { url } });
    expect(JSON.stringify(entry)).not.toContain('hunter2');
  });

  test('gives each its own id', () => {
    expect(newAuditEntry(facts).id).not.toBe(newAuditEntry(facts).id);
  });
});

describe('boundedDetails', () => {
  test('takes out secrets that are known by their form', () => {
    const text = JSON.stringify(
      boundedDetails({ reason: 'postgresql://ann:hunter2@db/x', deep: [{ more: 'Bearer abcdefghijklmnopqrstuvwxyz012345' }] }),
    );
    expect(text).not.toMatch(/hunter2|abcdefghijklmnop/);
  });

  test('keeps numbers and the beginnings of texts of what is too long', () => {
    const details = { count: 7, reason: 'x'.repeat(9_000), list: ['y'.repeat(9_000)] };
    const { reason, ...rest } = boundedDetails(details);
    expect(rest).toEqual({ truncated: true, count: 7 });
    expect(reason).toHaveLength(500);
  });

  test('is never longer than the bound', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string({ maxLength: 3_000 }), fc.integer(), fc.constant(null))), (details) => {
        expect(Buffer.byteLength(JSON.stringify(boundedDetails(details as JsonObject)))).toBeLessThanOrEqual(MAX_DETAILS);
      }),
    );
  });
});
