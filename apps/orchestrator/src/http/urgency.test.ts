import { describe, expect, test } from '@jest/globals';
import { newApiKey } from './auth/api-key.ts';
import { openScene } from './testing/http-scene.ts';
import { isUrgent } from './urgency.ts';

test.each<[string | undefined, boolean]>([
  ['u=0', true],
  ['u=2, i', true],
  ['i,u=1', true],
  ['u=3', false],
  ['u=12', false],
  ['nu=1', false],
  ['i', false],
  ['', false],
  [undefined, false],
])('isUrgent(%p) is %p', (header, urgent) => {
  expect(isUrgent(header)).toBe(urgent);
});

describe('while nothing more is taken that is not urgent', () => {
  const full = { engineConfig: { minUnapplied: 0, maxUnappliedMs: 0 } };
  const headers = { priority: 'u=1' };
  const json = { pipeline: 'noop', priority: 1 };

  test('a submission that says it is urgent is taken of those who may start runs, known or not', async () => {
    await using scene = await openScene(full);
    await scene.pipeline('noop', 'noop');
    const { key } = await scene.key(['runs:write']);
    expect(await scene.call('POST', '/api/v1/runs', { json })).toMatchObject({ status: 503, json: { code: 'OVERLOADED' } });
    expect(scene.engine.hasUrgent).toBe(false);
    for (let turn = 0; turn < 2; turn++)
      expect(await scene.call('POST', '/api/v1/runs', { json, headers, key })).toMatchObject({ status: 202 });
    expect(scene.engine.hasUrgent).toBe(true);
  });

  test('of nobody else, and what is not urgent then is refused like anything else', async () => {
    await using scene = await openScene(full);
    await scene.pipeline('noop', 'noop');
    const { key: reader } = await scene.key(['runs:read']);
    for (const key of [reader, reader, newApiKey(), 'no key at all']) {
      expect(await scene.call('POST', '/api/v1/runs', { json, headers, key })).toMatchObject({ status: 503, json: { code: 'OVERLOADED' } });
    }
    const pretended = await scene.call('POST', '/api/v1/runs', { json: { pipeline: 'noop' }, headers });
    expect(pretended).toMatchObject({ status: 503, json: { code: 'OVERLOADED' } });
    expect(scene.engine.hasUrgent).toBe(false);
  });
});
