import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { errorCatalogue, isErrorCode } from './catalogue.ts';
import { TABLE_BEGIN, TABLE_END, withErrorTable } from './error-table.ts';
import { MainstayError } from './mainstay-error.ts';
import { reviveError } from './serialize.ts';

const entries = Object.entries(errorCatalogue);
const DOCUMENT = new URL('../../../../../docs/ERROR-HANDLING.md', import.meta.url);

/** The class of each category. */
const CLASSES: Readonly<Record<string, string>> = {
  agent: 'AgentError',
  pipeline: 'PipelineError',
  validation: 'ValidationError',
  network: 'NetworkError',
  timeout: 'TimeoutError',
  conflict: 'ConflictError',
  'not-found': 'NotFoundError',
  authentication: 'AuthError',
  authorization: 'AuthError',
  overload: 'OverloadError',
  configuration: 'ConfigurationError',
  dependency: 'DependencyError',
  cancelled: 'CancelledError',
  internal: 'InternalError',
};

describe('errorCatalogue', () => {
  test.each(entries)('%s has all facts', (code, facts) => {
    expect(code).toMatch(/^[A-Z][A-Z_]{2,63}$/);
    expect(Object.keys(CLASSES)).toContain(facts.category);
    expect(['terminal', 'retryable', 'cancelled']).toContain(facts.disposition);
    expect(Number.isInteger(facts.status) && facts.status >= 400 && facts.status <= 599).toBe(true);
    expect(facts.title).toMatch(/^[A-Z][^\n|]{5,80}[^.]$/);
    expect(facts.hint).toMatch(/^[A-Za-z][^\n|]{5,160}\.$/);
  });

  test.each(entries)('%s comes back from another process as the class of its category', (code, facts) => {
    const error = reviveError({ code, name: 'Error', message: 'x', disposition: facts.disposition });
    expect(error.name).toBe(CLASSES[facts.category]);
    expect(error).toMatchObject({ code, category: facts.category, status: facts.status, hint: facts.hint, disposition: facts.disposition });
  });

  test('uses every category', () => {
    expect(new Set(entries.map(([, { category }]) => category))).toEqual(new Set(Object.keys(CLASSES)));
  });

  test('cannot be changed', () => {
    expect(Object.isFrozen(errorCatalogue)).toBe(true);
  });
});

describe('isErrorCode', () => {
  test('knows the codes and nothing else', () => {
    expect(entries.every(([code]) => isErrorCode(code))).toBe(true);
    for (const other of ['toString', '__proto__', 'constructor', 'ECONNREFUSED', '']) expect(isErrorCode(other)).toBe(false);
  });
});

describe('MainstayError', () => {
  test('takes what is not said from the catalogue', () => {
    const error = new MainstayError('RATE_LIMITED', 'slow down');
    expect(error).toMatchObject({ code: 'RATE_LIMITED', disposition: 'retryable', status: 429, category: 'overload', details: {} });
    expect('cause' in error).toBe(false);
    expect(error.retryAfterMs).toBeUndefined();
  });

  test('keeps what is said', () => {
    const cause = new Error('inner');
    const error = new MainstayError('INTERNAL', 'x', { cause, details: { a: 1 }, disposition: 'terminal', retryAfterMs: 5 });
    expect(error).toMatchObject({ cause, details: { a: 1 }, disposition: 'terminal', retryAfterMs: 5 });
  });
});

describe('docs/ERROR-HANDLING.md', () => {
  const document = readFileSync(DOCUMENT, 'utf8');

  test('lists exactly the codes of the catalogue', () => {
    const table = document.slice(document.indexOf(TABLE_BEGIN), document.indexOf(TABLE_END));
    const listed = [...table.matchAll(/^\|\s*`([A-Z_]+)`/gm)].map(([, code]) => code);
    expect(listed).toEqual(entries.map(([code]) => code));
  });

  test('says of them what the catalogue says; else run packages/shared/types/bin/write-error-table.mjs', () => {
    const words = (text: string) => text.replaceAll(/[\s-]+/g, ' ');
    expect(words(document)).toBe(words(withErrorTable(document)));
  });

  test('needs both markers', () => {
    expect(() => withErrorTable('no markers')).toThrow(TABLE_BEGIN);
  });
});
