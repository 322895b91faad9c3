import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConflictError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { type AskChannel, type AskHandler, MAX_ANSWER_BYTES, openAskChannel } from './ask-channel.ts';
import { createMemoryHub } from './memory/memory-hub.ts';
import type { Transport } from './transport.ts';

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

async function scene(handlers: Readonly<Record<string, AskHandler>>) {
  const hub = createMemoryHub();
  const clock = new FakeClock();
  const [asking, asked] = [hub.connect({ name: 'o1', side: 'orchestrator' }), hub.connect({ name: 'w1', side: 'worker' })];
  open.push(asking, asked);
  await asking.start();
  await asked.start();
  openAskChannel(asked, handlers, clock);
  const channel = openAskChannel(asking, {}, clock);
  const ask: AskChannel['ask'] = (...request) => channel.ask(...request);
  return { clock, ask };
}

const settled = async () => {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
};

describe('openAskChannel', () => {
  test('brings an answer of any size back whole', async () => {
    const long = randomBytes(600_000).toString('base64');
    const { ask } = await scene({
      echo: ({ text }, { from }) => Promise.resolve(`${from}: ${JSON.stringify(text)}`),
      long: () => Promise.resolve(long),
    });
    expect(await ask('w1', 'echo', { text: 'x' }, { timeoutMs: 1_000 })).toBe('o1: "x"');
    expect(await ask('w1', 'long', {}, { timeoutMs: 1_000 })).toBe(long);
    expect(
      await Promise.all([ask('w1', 'echo', { text: 'a' }, { timeoutMs: 1_000 }), ask('w1', 'echo', { text: 'b' }, { timeoutMs: 1_000 })]),
    ).toEqual(['o1: "a"', 'o1: "b"']);
  });

  test('brings errors back with their code', async () => {
    const { ask } = await scene({
      busy: () => Promise.reject(new ConflictError('PROFILE_RUNNING', 'one runs', { details: { endsInMs: 7 } })),
      bug: () => Promise.reject(new TypeError('x is undefined')),
      huge: () => Promise.resolve(randomBytes(MAX_ANSWER_BYTES + 1).toString('latin1')),
    });
    const options = { timeoutMs: 1_000 };
    await expect(ask('w1', 'busy', {}, options)).rejects.toMatchObject({
      code: 'PROFILE_RUNNING',
      message: 'one runs',
      details: { endsInMs: 7 },
    });
    await expect(ask('w1', 'bug', {}, options)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(ask('w1', 'huge', {}, options)).rejects.toMatchObject({ code: 'PROFILE_TOO_LARGE' });
  });

  test('says that there is no such process, or that it does not know what is asked', async () => {
    const { ask, clock } = await scene({});
    await expect(ask('w2', 'echo', {}, { timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'PROCESS_NOT_FOUND' });
    const unknown = ask('w1', 'echo', {}, { timeoutMs: 60_000 });
    const refused = expect(unknown).rejects.toMatchObject({ code: 'PROCESS_NOT_FOUND', message: expect.stringContaining('too old') });
    await settled();
    await clock.advance(3_000);
    await refused;
    expect(clock.pendingTimers).toBe(0);
  });

  test('waits no longer than it may for a process that has begun, and no longer than the caller wants', async () => {
    const { ask, clock } = await scene({ never: () => new Promise(() => undefined) });
    const late = expect(ask('w1', 'never', {}, { timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await settled();
    await clock.advance(10_000);
    await late;
    const gone = new AbortController();
    const given = expect(ask('w1', 'never', {}, { timeoutMs: 10_000, signal: gone.signal })).rejects.toThrow('gone');
    await settled();
    gone.abort(new Error('gone'));
    await given;
    expect(clock.pendingTimers).toBe(0);
  });
});
