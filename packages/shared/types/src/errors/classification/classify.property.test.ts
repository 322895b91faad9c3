import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isErrorCode } from '../catalogue.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { codeOfStatus, dispositionOfStatus } from '../http-status.ts';
import { classifyError } from './classify.ts';

const keys = ['name', 'code', 'message', 'status', 'statusCode', 'headers', 'response', 'errors', 'issues', 'meta', 'cause', 'disposition'];
const shapes = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), fc.anything());

describe('classifyError', () => {
  test('never throws, and knows only codes of the catalogue', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), shapes), (thrown) => {
        const found = classifyError(thrown, 0);
        expect(found === undefined || isErrorCode(found.code)).toBe(true);
        expect(found?.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('says nothing of objects that will not be looked at, of loops and of nothing', () => {
    const hostile = new Proxy(new Error('x'), {
      get() {
        throw new Error('no');
      },
    });
    const loop = new Error('loop');
    loop.cause = loop;
    for (const thrown of [hostile, loop, undefined, null, 'ECONNREFUSED', new TypeError('bug'), new Error('x')])
      expect(classifyError(thrown)).toBeUndefined();
  });
});

describe('codeOfStatus and dispositionOfStatus', () => {
  test('know every status', () => {
    for (let status = 400; status < 600; status++) {
      expect(isErrorCode(codeOfStatus(status))).toBe(true);
      expect(['terminal', 'retryable']).toContain(dispositionOfStatus(status));
    }
  });
});

describe('parseRetryAfter', () => {
  test('is never below 0 and never above the limit', () => {
    const headers = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(headers, fc.nat(), fc.nat(), (header, nowMs, maxMs) => {
        const ms = parseRetryAfter(header, nowMs, maxMs);
        expect(ms === undefined || (ms >= 0 && ms <= maxMs)).toBe(true);
      }),
    );
  });

  test.each([
    ['3', 3_000],
    [' 3 ', 3_000],
    ['9'.repeat(400), 60_000],
    ['Thu, 01 Jan 1970 00:00:02 GMT', 1_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
    [null, undefined],
  ])('reads %j', (header, expected) => {
    expect(parseRetryAfter(header, 1_000)).toBe(expected);
  });
});
