import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NetworkError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createErrorTracker } from './error-tracker.ts';
import { parseDsn } from './sentry-dsn.ts';
import { createSentryExporter, type SentryExporter, type SentryExporterOptions } from './sentry-exporter.ts';

interface Received {
  readonly url: string | undefined;
  readonly auth: string | undefined;
  readonly type: string | undefined;
  readonly lines: readonly Record<string, never>[];
}

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A service that takes envelopes; `answer` writes the head of each answer. */
async function service(answer: (response: ServerResponse, count: number) => void) {
  const received: Received[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, never>);
    received.push({ url: request.url, auth: String(request.headers['x-sentry-auth']), type: request.headers['content-type'], lines });
    answer(response, received.length);
    response.end('{}');
  };
  const server: Server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, dsn: `http://public@127.0.0.1:${(server.address() as AddressInfo).port}/sub/42` };
}

function exporterTo(dsn: string, options: Partial<SentryExporterOptions> = {}) {
  const clock = new FakeClock();
  const exporter = createSentryExporter({ dsn, clock, ...options });
  open.push(() => exporter.close(0));
  const tracker = createErrorTracker({ clock, onError: (occurrence) => exporter.send(occurrence) });
  return { clock, exporter, tracker };
}

/** Real requests take real time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
const idle = (exporter: SentryExporter) => until(() => exporter.stats.waiting === 0);

describe('createSentryExporter', () => {
  test('sends an envelope with one event, as the protocol has it', async () => {
    const { dsn, received } = await service((response) => response.writeHead(200));
    const { exporter, tracker } = exporterTo(dsn, { release: 'mainstay@1', environment: 'production', serverName: 'a' });
    const fingerprint = tracker.record(new NetworkError('no answer', { cause: new Error('inner') }), {
      run: 'run-1',
      tags: { operation: 'x' },
    });
    await until(() => exporter.stats.sent === 1);
    const [{ url, auth, type, lines } = { url: '', auth: '', type: '', lines: [] }] = received;
    expect(url).toBe('/sub/api/42/envelope/');
    expect(auth).toBe('Sentry sentry_version=7, sentry_client=mainstay/1, sentry_key=public');
    expect(type).toBe('application/x-sentry-envelope');
    const [header, item, event] = lines;
    expect(header).toEqual({ event_id: expect.stringMatching(/^[0-9a-f]{32}$/), sent_at: '2026-01-01T00:00:00.000Z' });
    expect(item).toEqual({ type: 'event', content_type: 'application/json', length: Buffer.byteLength(JSON.stringify(event)) });
    expect(event).toMatchObject({
      ...{ platform: 'node', level: 'error', release: 'mainstay@1', environment: 'production', server_name: 'a', timestamp: 1_767_225_600 },
      fingerprint: [fingerprint],
      tags: { code: 'NETWORK_FAILED', disposition: 'retryable', run: 'run-1', operation: 'x' },
      exception: {
        values: [
          { type: 'Error', value: 'inner' },
          { type: 'NetworkError', value: 'no answer', stacktrace: { frames: expect.any(Array) } },
        ],
      },
    });
  });

  test('is silent for as long as the service asks, and loses nothing of it', async () => {
    const { dsn, received } = await service((response, count) =>
      count === 1 ? response.writeHead(429, { 'Retry-After': '7' }) : response.writeHead(200),
    );
    const { clock, exporter, tracker } = exporterTo(dsn);
    tracker.record(new Error('first'));
    await until(() => received.length === 1 && exporter.stats.waiting === 1);
    tracker.record(new Error('second'));
    await clock.advance(6_999);
    expect(received).toHaveLength(1);
    await clock.advance(1);
    await until(() => exporter.stats.sent === 2);
    expect(received).toHaveLength(3);
  });

  test('heeds X-Sentry-Rate-Limits of accepted events, for errors only', async () => {
    const { dsn, received } = await service((response) =>
      response.writeHead(200, { 'X-Sentry-Rate-Limits': '5:error;default:key, 900:transaction' }),
    );
    const { clock, exporter, tracker } = exporterTo(dsn);
    tracker.record(new Error('first'));
    await until(() => exporter.stats.sent === 1);
    tracker.record(new Error('second'));
    await clock.advance(4_999);
    expect(received).toHaveLength(1);
    await clock.advance(1);
    await until(() => exporter.stats.sent === 2);
  });

  test('tries again when the service is broken, and gives up in the end', async () => {
    const { dsn, received } = await service((response) => response.writeHead(500));
    const { clock, exporter, tracker } = exporterTo(dsn, { maxAttempts: 2 });
    tracker.record(new Error('x'));
    await until(() => received.length === 1 && exporter.stats.waiting === 1);
    await clock.advance(1_000);
    await until(() => exporter.stats.dropped === 1);
    expect(exporter.stats).toEqual({ sent: 0, dropped: 1, waiting: 0 });
  });

  test('does not try again what the service refuses', async () => {
    const { dsn, received } = await service((response) => response.writeHead(413));
    const { exporter, tracker } = exporterTo(dsn);
    tracker.record(new Error('x'));
    await until(() => exporter.stats.dropped === 1);
    expect(received).toHaveLength(1);
  });

  test('holds a bounded number while nothing answers, and never waits', async () => {
    const { clock, exporter, tracker } = exporterTo('http://public@127.0.0.1:1/1', { maxQueue: 10 });
    for (let n = 0; n < 1_000; n++) tracker.record(new Error('x'));
    expect(exporter.stats.waiting).toBeLessThanOrEqual(10);
    await until(() => exporter.stats.waiting + exporter.stats.dropped === 1_000);
    await clock.advance(0);
    await exporter.close(0);
    expect(exporter.stats).toEqual({ sent: 0, dropped: 1_000, waiting: 0 });
  });

  test('sends a share', async () => {
    const { dsn, received } = await service((response) => response.writeHead(200));
    let n = 0;
    const { exporter, tracker } = exporterTo(dsn, { sampleRate: 0.5, random: () => (n++ % 2 === 0 ? 0.1 : 0.9) });
    for (let sent = 0; sent < 4; sent++) tracker.record(new Error('x'));
    await idle(exporter);
    await until(() => exporter.stats.sent === 2);
    expect(received).toHaveLength(2);
  });

  test('sends what waits before it ends', async () => {
    const { dsn, received } = await service((response) => response.writeHead(200));
    const { exporter, tracker } = exporterTo(dsn);
    for (let n = 0; n < 5; n++) tracker.record(new Error('x'));
    await exporter.close();
    expect(received).toHaveLength(5);
    tracker.record(new Error('late'));
    expect(exporter.stats).toEqual({ sent: 5, dropped: 0, waiting: 0 });
  });
});

describe('parseDsn', () => {
  test('reads those of Sentry and of services beside it', () => {
    expect(parseDsn('https://abc@o1.ingest.example.com/7')).toEqual({
      url: 'https://o1.ingest.example.com/api/7/envelope/',
      publicKey: 'abc',
    });
    expect(parseDsn('https://abc:old@example.com:9000/a/b/7').url).toBe('https://example.com:9000/a/b/api/7/envelope/');
  });

  test.each(['', 'https://example.com/1', 'https://secret@example.com', 'ftp://secret@example.com/1'])(
    'refuses %j without repeating it',
    (dsn) => {
      expect(() => parseDsn(dsn)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('secret') }),
      );
    },
  );
});
