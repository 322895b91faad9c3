import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { systemClock } from '@mainstay/utils';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunEnd } from '../../store/store.ts';
import { eventually } from '../testing/http-scene.ts';
import { EndsFeeds, type FeedListener } from './ends-feed.ts';
import { endsText } from './end-text.ts';
import { streamEnds } from './stream-ends.ts';

const end = (run: string, at = Date.now()): RunEnd => ({ run, status: 'succeeded', at });

/** A store and an engine of which a test says what they know. */
function source(orchestrators: readonly string[]) {
  const stored: RunEnd[] = [];
  const heard = new Set<(ends: readonly RunEnd[]) => void>();
  let looks = 0;
  return {
    stored,
    heard,
    looks: () => looks,
    tell: (...ends: readonly RunEnd[]) => {
      for (const listener of heard) listener(ends);
    },
    store: {
      now: () => Date.now(),
      orchestrators: () => Promise.resolve(orchestrators),
      ended: (_tenant: string, since: number, after: RunEnd | undefined, limit: number) => {
        looks += 1;
        const from = after === undefined ? 0 : stored.findIndex(({ run }) => run === after.run) + 1;
        return Promise.resolve(stored.slice(from, from + limit).filter(({ at }) => at >= since));
      },
    },
    engine: {
      name: 'me',
      onEnded: (_tenant: string, listener: (ends: readonly RunEnd[]) => void) => {
        heard.add(listener);
        return () => heard.delete(listener);
      },
    },
    clock: systemClock,
    random: () => 0.5,
    logger: createLogger({ service: 'test', level: 'silent' }),
    lookMs: 10,
  };
}

describe('EndsFeeds', () => {
  test('finds ends that other orchestrators told and nobody heard, and tells each once', async () => {
    const from = source(['me', 'other']);
    const told: string[] = [];
    const stop = new EndsFeeds(from).listen('t', (ends) => told.push(...ends.map(({ run }) => run)));
    const heard = end('heard');
    from.tell(heard);
    from.stored.push(heard, ...Array.from({ length: 700 }, (_, n) => end(`lost-${String(n)}`)));
    await eventually(async () => {
      expect(told).toHaveLength(701);
    });
    const looks = from.looks();
    await eventually(async () => {
      expect(from.looks()).toBeGreaterThan(looks + 2);
    });
    stop();
    expect(told).toHaveLength(701);
  });

  test('alone it does not look; without listeners it neither looks nor hears', async () => {
    const from = source(['me']);
    const feeds = new EndsFeeds(from);
    const stop = [feeds.listen('t', () => undefined), feeds.listen('t', () => undefined)];
    expect(from.heard.size).toBe(1);
    await systemClock.sleep(50);
    expect(from.looks()).toBe(0);
    for (const one of stop) one();
    expect(from.heard.size).toBe(0);
  });
});

test('a client that does not read is cut off before much waits for it', async () => {
  const from = source(['me']);
  const listening = Promise.withResolvers<FeedListener>();
  const cut = Promise.withResolvers<{ readonly error: unknown; readonly waiting: number }>();
  const gone = new AbortController();
  const serve = async (response: ServerResponse): Promise<void> => {
    const listen = (_tenant: string, listener: FeedListener) => {
      listening.resolve(listener);
      return () => undefined;
    };
    const request = { tenant: 't', after: undefined, reauthenticate: () => Promise.resolve(), signal: gone.signal };
    try {
      await streamEnds({ ...from, ends: { listen } }, request, response);
    } catch (error) {
      cut.resolve({ error, waiting: response.writableLength });
      response.destroy();
    }
  };
  const server = createServer((_request, response) => void serve(response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const slow = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, (response) => response.pause());
  slow.on('error', () => undefined);

  const listener = await listening.promise;
  await systemClock.sleep(20);
  const ends = Array.from({ length: 5_000 }, (_, n) => end(`01890000-0000-7000-8000-${String(n).padStart(12, '0')}`));
  const text = endsText(ends);
  for (let n = 0; n < 10; n++) {
    listener(ends, text);
    await new Promise(setImmediate);
  }
  const { error, waiting } = await cut.promise;
  expect(error).toMatchObject({ code: 'OVERLOADED' });
  expect(waiting).toBeLessThan(16 * 1_024 * 1_024);
  gone.abort();
  slow.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
