import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@mainstay/utils/testing';
import type { Store } from '../../store/store.ts';
import type { RunEvent, RunState } from '../../pipeline/model.ts';
import type { SseEvent } from './sse-writer.ts';
import { streamEvents } from './stream-events.ts';

/** Only what the stream asks a store for: events that a test adds, and the state of the run. */
function scene() {
  const clock = new FakeClock();
  const events: RunEvent[] = [];
  const sent: (SseEvent | 'heartbeat')[] = [];
  const listeners = new Set<() => void>();
  const stop = new AbortController();
  let status: RunState['status'] = 'running';
  let reads = 0;
  const store = {
    events: (_tenant: string, _run: string, after: number, limit: number) => {
      reads += 1;
      return Promise.resolve(events.filter(({ seq }) => seq > after).slice(0, limit));
    },
    run: () => Promise.resolve({ status, seq: events.length }),
  } as unknown as Store;
  const engine = {
    onEvents: (_run: string, listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  let valid = true;
  const done = streamEvents(
    { store, engine, clock, random: () => 0.5 },
    {
      tenant: 't',
      run: 'r',
      after: 0,
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
    },
  );
  done.catch(() => undefined);
  return {
    clock,
    sent,
    listeners,
    done,
    stop,
    add: (count: number, type: RunEvent['type'] = 'task.progress') => {
      for (let i = 0; i < count; i++) events.push({ seq: events.length + 1, at: 1, type });
    },
    end: () => {
      status = 'succeeded';
    },
    revoke: () => {
      valid = false;
    },
    ring: () => {
      for (const listener of listeners) listener();
    },
    reads: () => reads,
    settle: async () => {
      for (let i = 0; i < 2_000; i++) await Promise.resolve();
    },
  };
}

describe('streamEvents', () => {
  test('reads again at once when it is woken, in batches until there is no more', async () => {
    const { add, ring, settle, sent, stop } = scene();
    await settle();
    add(450);
    ring();
    await settle();
    expect(sent.map((event) => (event === 'heartbeat' ? 0 : event.id))).toEqual(Array.from({ length: 450 }, (_, at) => at + 1));
    stop.abort(new Error('over'));
  });

  test('finds events that nobody announced', async () => {
    const { add, clock, settle, sent, stop } = scene();
    await settle();
    add(1);
    await clock.advance(10_000);
    await settle();
    expect(sent).toHaveLength(1);
    stop.abort(new Error('over'));
  });

  test('sends heartbeats while nothing happens', async () => {
    const { clock, settle, sent, stop } = scene();
    await settle();
    for (let i = 0; i < 31; i++) {
      await clock.advance(1_000);
      await settle();
    }
    expect(sent).toEqual(['heartbeat', 'heartbeat']);
    stop.abort(new Error('over'));
  });

  test('ends with the credentials', async () => {
    const { clock, settle, revoke, done } = scene();
    await settle();
    revoke();
    for (let i = 0; i < 16; i++) {
      await clock.advance(1_000);
      await settle();
    }
    await expect(done).rejects.toThrow('revoked');
  });

  test('ends with the run, after its last event', async () => {
    const { add, end, ring, settle, sent, done, listeners } = scene();
    await settle();
    add(1);
    add(1, 'run.succeeded');
    end();
    ring();
    await done;
    expect(sent.at(-1)).toEqual({ event: 'end', data: { after: 2 } });
    expect(listeners.size).toBe(0);
  });

  test('does not end at the last event of a run that was retried', async () => {
    const { add, ring, settle, sent, stop } = scene();
    await settle();
    add(1, 'run.failed');
    ring();
    await settle();
    expect(sent).toHaveLength(1);
    stop.abort(new Error('over'));
  });

  test('gives its listener back when it is aborted', async () => {
    const { settle, stop, done, listeners } = scene();
    await settle();
    stop.abort(new Error('over'));
    await expect(done).rejects.toThrow('over');
    expect(listeners.size).toBe(0);
  });
});
