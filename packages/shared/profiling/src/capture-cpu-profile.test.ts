import { describe, expect, test } from '@jest/globals';
import { captureCpuProfile } from './capture-cpu-profile.ts';
import { asCpuProfile } from './cpu-profile.ts';
import { hotFunctions, timesOf } from './hot-functions.ts';
import { answerProfileRequest, captureOptions } from './profile-request.ts';

/** Takes CPU in a function with a name to be found by, a little at a time, until it is told to stop. */
function load(): Disposable {
  const timer = setInterval(() => {
    fibonacci(24);
  }, 1);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Calls itself, so that it is not inlined: what was inlined before the recording began counts for the caller. */
function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

describe('captureCpuProfile', () => {
  test('finds the function in which the time is spent', async () => {
    using _load = load();
    const profile = asCpuProfile(JSON.parse(await answerProfileRequest('/profile?seconds=1', new AbortController().signal)));
    const hot = hotFunctions(profile, 3).map(({ name }) => name);
    expect(hot).toContainEqual(expect.stringMatching(/^fibonacci .*capture-cpu-profile\.test\.ts:\d+$/));
    expect(timesOf(profile).recordedMs).toBeGreaterThan(500);
  });

  test('refuses a second recording at the same time and says when the first ends', async () => {
    const first = captureCpuProfile({ ms: 1_000 });
    await expect(captureCpuProfile({ ms: 1_000 })).rejects.toMatchObject({ code: 'PROFILE_RUNNING', status: 409 });
    await expect(captureCpuProfile()).rejects.toMatchObject({ details: { endsInMs: expect.any(Number) } });
    await first;
  });

  test('ends at once when nobody waits for it, and another can begin', async () => {
    const gone = new AbortController();
    const capture = captureCpuProfile({ ms: 60_000, signal: gone.signal });
    gone.abort(new Error('gone'));
    await expect(capture).rejects.toThrow('gone');
    await expect(captureCpuProfile({ signal: gone.signal })).rejects.toThrow('gone');
    await captureCpuProfile({ ms: 1_000 });
  });

  test.each([{ ms: 999 }, { ms: 60_001 }, { ms: Number.NaN }, { intervalMicros: 99 }, { intervalMicros: 1_000.5 }])(
    'refuses %o',
    async (options) => {
      await expect(captureCpuProfile(options)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    },
  );
});

describe('captureOptions', () => {
  test('reads the query', () => {
    expect(captureOptions('/profile')).toEqual({});
    expect(captureOptions('/profile?seconds=60&interval=100')).toEqual({ ms: 60_000, intervalMicros: 100 });
  });

  test.each(['seconds=0', 'seconds=61', 'seconds=1.5', 'seconds=', 'interval=99', 'second=1', 'seconds=1&seconds=2'])(
    'refuses %s',
    (query) => {
      expect(() => captureOptions(`/profile?${query}`)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    },
  );
});

describe('asCpuProfile', () => {
  const frame = { functionName: '', url: '', lineNumber: -1 };
  test.each([
    undefined,
    [],
    { nodes: [] },
    { nodes: [{ id: 1 }], samples: [], timeDeltas: [] },
    { nodes: [{ id: 1, callFrame: frame, children: ['2'] }], samples: [], timeDeltas: [] },
    { nodes: [{ id: 1, callFrame: frame }], samples: [1], timeDeltas: [] },
    { nodes: [{ id: 1, callFrame: frame }], samples: [1], timeDeltas: [null] },
  ])('refuses %j', (value) => {
    expect(() => asCpuProfile(value)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });
});
