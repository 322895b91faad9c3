import { describe, expect, test } from '@jest/globals';
import { declareSecrets } from '@mainstay/observability';
import { z } from 'zod';
import { AuthError, DependencyError, errorCatalogue, isErrorCode, MainstayError, OverloadError, ValidationError } from '@mainstay/types';
import { schemaError, toProblem } from './problems.ts';
import { problemSchema } from './schemas/common.ts';

const place = { instance: '/api/v1/runs', correlationId: 'c-1', traceId: 'a'.repeat(32) };

describe('toProblem', () => {
  test('gives every code of the catalogue its status, title and hint, in the form of the contract', () => {
    for (const code of Object.keys(errorCatalogue).filter(isErrorCode)) {
      const { problem } = toProblem(new MainstayError(code, 'what happened'), place);
      const { status, title, hint } = errorCatalogue[code];
      expect(problem).toMatchObject({
        type: `urn:mainstay:error:${code}`,
        code,
        status,
        title,
        hint: hint.replace('details.issues', 'issues'),
        ...place,
      });
      expect(problemSchema.parse(problem)).toEqual(problem);
    }
  });

  test('shows nothing of an error that is not ours', () => {
    const { problem } = toProblem(new Error('password=hunter2 at /srv/secret.ts:12'), place);
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', detail: errorCatalogue.INTERNAL.title });
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|secret/);
  });

  test.each(['a string', 42, undefined, null, { message: 'x' }])('answers a thrown %p with INTERNAL', (thrown) => {
    expect(toProblem(thrown, place).problem.code).toBe('INTERNAL');
  });

  test('hides what the process declared to be secret, wherever it stands', () => {
    const issues = [{ path: '/customer', problem: 'EMP-123456 is unknown' }];
    const error = new ValidationError('VALIDATION_FAILED', 'no EMP-123456', { details: { issues, who: 'EMP-123456' } });
    declareSecrets([/EMP-\d{6}/]);
    try {
      const { problem } = toProblem(error, { ...place, instance: '/api/v1/runs/EMP-123456' });
      expect(JSON.stringify(problem)).not.toContain('EMP-');
      expect(problem).toMatchObject({ detail: 'no [redacted]', instance: '/api/v1/runs/[redacted]', details: { who: '[redacted]' } });
    } finally {
      declareSecrets([]);
    }
  });

  test('does not repeat a secret that came as a correlation id', () => {
    const { problem } = toProblem(new ValidationError('VALIDATION_FAILED', 'no'), { ...place, correlationId: 'password=hunter2' });
    expect(problem.correlationId).toBe('password=[redacted]');
  });

  test('keeps addresses of dependencies to itself', () => {
    const error = new DependencyError('POSTGRES_UNAVAILABLE', 'connect ECONNREFUSED 10.0.0.7:5432', { details: { host: '10.0.0.7' } });
    const { problem, headers } = toProblem(error, place);
    expect(problem).toMatchObject({ status: 503, code: 'POSTGRES_UNAVAILABLE' });
    expect(JSON.stringify(problem)).not.toContain('10.0.0.7');
    expect(headers['Retry-After']).toBe('1');
  });

  test('rounds the time to wait up to whole seconds', () => {
    expect(toProblem(new OverloadError('OVERLOADED', 'full', { retryAfterMs: 2_001 }), place).headers['Retry-After']).toBe('3');
  });

  test('challenges who has no credentials', () => {
    expect(toProblem(new AuthError('UNAUTHENTICATED', 'no'), place).headers['WWW-Authenticate']).toBe('Bearer realm="mainstay"');
  });

  test('lists issues beside the details, each with path and problem', () => {
    const error = new ValidationError('VALIDATION_FAILED', 'bad', { details: { issues: [{ path: '/a', message: 'odd' }], max: 3 } });
    expect(toProblem(error, place).problem).toMatchObject({ issues: [{ path: '/a', problem: 'odd' }], details: { max: 3 } });
  });

  test('answers a path with broken percent-encoding with VALIDATION_FAILED', () => {
    expect(toProblem(new URIError('URI malformed'), place).problem).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });
});

describe('schemaError', () => {
  test('points into the value with JSON pointers', () => {
    const result = z.object({ list: z.array(z.object({ 'a/b': z.int() })) }).safeParse({ list: [{ 'a/b': 1 }, { 'a/b': 'x' }] });
    if (result.success) throw new Error('the schema accepted it');
    const error = schemaError(result.error, 'body');
    expect(error.details['issues']).toEqual([expect.objectContaining({ path: '/list/1/a~1b', in: 'body' })]);
    expect(error.message).toContain('/list/1/a~1b');
  });
});
