import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { leaksIn, PLANTED } from '@mainstay/services';
import { System } from './system.ts';
import { INPUT, plantSecrets, type Told } from './testing/secrets/planted-run.ts';

jest.setTimeout(120_000);

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.close());

/** How often secrets were told, by place. */
function leaksOf({ texts }: Told): Readonly<Record<string, number>> {
  return Object.fromEntries([...texts].map(([place, all]) => [place, all.flatMap(leaksIn).length]));
}

const textOf = ({ texts }: Told, place: string): string => (texts.get(place) ?? []).join('\n');

/** No text from outside ever comes there, so nothing needs to be hidden: these show no values, and problems of these kinds do not repeat what was sent. */
const CLEAN_BY_DESIGN = [
  ...['metrics', 'what operators see'],
  ...['body', 'credentials', 'idempotency key', 'log level', 'query'].map((what) => `problem: ${what}`),
];

describe('planted secrets', () => {
  test('are nowhere but where the user put them', async () => {
    const told = await plantSecrets(system, { redacted: true });
    // what was given is given back to who gave it
    expect(told.input).toEqual(INPUT);
    // its headers have the key that they are to have; what they carry has none
    expect(told.traceHeaders).toMatchObject({ 'x-api-key': `${PLANTED}-otlp` });
    // it was all there to be hidden
    expect(textOf(told, 'log of the worker')).toContain('"msg":"using [redacted] for [redacted]"');
    expect(textOf(told, 'log of the orchestrator')).toContain('"msg":"a run ended"');
    for (const place of ['run', 'events', 'dead letters', 'groups of errors', 'Sentry'])
      expect(textOf(told, place)).toContain('the tool failed with postgres://me:[redacted]@db.example:5432/x of [redacted]');
    expect(textOf(told, 'traces')).toContain('attempt leaky');
    // every problem names its trace
    const problems = [...told.texts].flatMap(([place, texts]) =>
      place.startsWith('problem:') ? texts.filter((text) => text.includes('urn:')) : [],
    );
    expect(problems.length).toBeGreaterThan(10);
    expect(problems.filter((problem) => !/"traceId":"(?!0{32})[0-9a-f]{32}"/.test(problem))).toEqual([]);
    const leaks = leaksOf(told);
    expect(leaks).toEqual(Object.fromEntries(Object.keys(leaks).map((place) => [place, 0])));
  });

  test('would be found in every place if nothing were hidden', async () => {
    const told = await plantSecrets(system, { redacted: false });
    const leaks = leaksOf(told);
    const silent = Object.entries(leaks).flatMap(([place, count]) => (count === 0 ? [place] : []));
    expect(silent.sort()).toEqual(CLEAN_BY_DESIGN.toSorted());
  });
});
