import { describe, expect, test } from '@jest/globals';
import { uuidv7 } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { Watchers } from '../../engine/watchers.ts';
import type { Change, RunEvent, RunState } from '../../pipeline/model.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import type { SseEvent } from './sse-writer.ts';
import { streamEvents } from './stream-events.ts';

const mark = { orchestrator: 'o', batch: 1, published: 0, epoch: 'e' };

/** The change that adds events to a run, and perhaps ends it. */
function change(before: RunState, types: readonly RunEvent['type'][], status: RunState['status'] = before.status): Change {
  const state: RunState = {
    ...before,
    status,
    seq: before.seq + types.length,
    ...(status === 'running' ? {} : { finishedAt: 1, slot: false }),
  };
  return {
    before,
    state,
    events: types.map((type, at) => ({ seq: before.seq + at + 1, at: 1, type })),
    notable: false,
    commands: [],
    verdicts: [],
    touched: new Set(),
    checkpoints: new Set(),
    opened: [],
    closed: [],
    deadLetters: [],
    redriven: [],
  };
}

/** A stream of a run on the memory store that has no events yet but its first, which the client has seen. */
async function scene() {
  const clock = new FakeClock();
  const store = createMemoryStore({ now: () => clock.now() });
  const watchers = new Watchers();
  const sent: (SseEvent | 'heartbeat')[] = [];
  const stop = new AbortController();
  const run = uuidv7();
  const blank: RunState = {
    id: run,
    tenant: 't',
    pipeline: 'p',
    version: 1,
    status: 'running',
    seq: 0,
    input: {},
    priority: 0,
    correlationId: 'c',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    slot: true,
    createdAt: 1,
    tasks: new Map(),
    decisions: new Map(),
  };
  const created = change(blank, ['run.created']);
  await store.create([{ queued: created, started: created }], mark);
  let state = created.state;
  let valid = true;
  const done = streamEvents(
    { store, engine: { onEvents: (id, listener) => watchers.add(id, listener) }, clock, random: () => 0.5 },
    {
      tenant: 't',
      run,
      after: 1,
      follow: false,
      reauthenticate: () => (valid ? Promise.resolve() : Promise.reject(new Error('revoked'))),
      signal: stop.signal,
    },
    {
      send: (event) => {
        sent.push(event);
        return Promise.resolve();
      },
      heartbeat: () => {
        sent.push('heartbeat');
        return Promise.resolve();
      },
      position: () => Promise.reject(new Error('a stream of one run has no positions beside its events')),
      raw: () => Promise.reject(new Error('a stream of one run writes event by event')),
    },
  );
  done.catch(() => undefined);
  const settle = async () => {
    for (let i = 0; i < 2_000; i++) await Promise.resolve();
  };
  await settle();
  return {
    clock,
    sent,
    watchers,
    done,
    stop,
    settle,
    add: async (types: readonly RunEvent['type'][], status?: RunState['status']) => {
      const next = change(state, types, status);
      expect(await store.commit([next], mark)).toEqual(new Set([run]));
      state = next.state;
    },
    revoke: () => {
      valid = false;
    },
    ring: () => {
      watchers.notify(run);
    },
  };
}

describe('streamEvents', () => {
  test('reads again at once when it is woken, in batches until there is no more', async () => {
    const { add, ring, settle, sent, stop } = await scene();
    await add(Array.from({ length: 450 }, () => 'task.progress' as const));
    ring();
    await settle();
    expect(sent.map((event) => (event === 'heartbeat' ? 0 : event.id))).toEqual(Array.from({ length: 450 }, (_, at) => at + 2));
    stop.abort(new Error('over'));
  });

  test('finds events that nobody announced', async () => {
    const { add, clock, settle, sent, stop } = await scene();
    await add(['task.progress']);
    await clock.advance(10_000);
    await settle();
    expect(sent).toHaveLength(1);
    stop.abort(new Error('over'));
  });

  test('sends heartbeats while nothing happens', async () => {
    const { clock, settle, sent, stop } = await scene();
    for (let i = 0; i < 31; i++) {
      await clock.advance(1_000);
      await settle();
    }
    expect(sent).toEqual(['heartbeat', 'heartbeat']);
    stop.abort(new Error('over'));
  });

  test('ends with the credentials', async () => {
    const { clock, settle, revoke, done } = await scene();
    revoke();
    for (let i = 0; i < 16; i++) {
      await clock.advance(1_000);
      await settle();
    }
    await expect(done).rejects.toThrow('revoked');
  });

  test('ends with the run, after its last event', async () => {
    const { add, ring, sent, done, watchers } = await scene();
    await add(['task.progress']);
    await add(['run.succeeded'], 'succeeded');
    ring();
    await done;
    expect(sent.at(-1)).toEqual({ event: 'end', data: { after: 3 } });
    expect(watchers.size).toBe(0);
  });

  test('does not end at the last event of a run that was retried', async () => {
    const { add, ring, settle, sent, stop } = await scene();
    await add(['run.failed']);
    ring();
    await settle();
    expect(sent).toHaveLength(1);
    stop.abort(new Error('over'));
  });

  test('gives its listener back when it is aborted', async () => {
    const { stop, done, watchers } = await scene();
    stop.abort(new Error('over'));
    await expect(done).rejects.toThrow('over');
    expect(watchers.size).toBe(0);
  });
});
