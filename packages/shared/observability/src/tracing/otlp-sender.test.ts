import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readPartialSuccess } from './otlp-answer.ts';
import { otlpExporter } from './otlp-exporter.ts';
import { otlpSender } from './otlp-sender.ts';
import { SpanQueue } from './span-queue.ts';

/** partial_success (1): rejected_spans (1) 300, error_message (2) "no". */
const PARTIAL = Buffer.from([0x0a, 7, 0x08, 0xac, 0x02, 0x12, 2, 0x6e, 0x6f]);
const closings: (() => void)[] = [];

afterEach(() => {
  for (const close of closings.splice(0)) close();
});

async function receiver(answer: (response: ServerResponse, number: number, request: IncomingMessage) => void) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      seen.push(Buffer.concat(pieces).toString());
      answer(response, seen.length, request);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, seen };
}

function senderTo(url: string, timeoutMs = 20_000) {
  const sender = otlpSender({ url, headers: { 'x-key': 'k' }, timeoutMs });
  closings.push(() => {
    sender.close();
  });
  return sender;
}

const BODY = Buffer.from('spans');

describe('otlpSender', () => {
  test('keeps its connection, and tells what was refused', async () => {
    const sockets = new Set<unknown>();
    const { url, seen } = await receiver((response, _number, { socket, headers, method }) => {
      sockets.add(socket);
      expect([method, headers['x-key'], headers['content-type'], headers['content-length']]).toEqual([
        'POST',
        'k',
        'application/x-protobuf',
        '5',
      ]);
      response.end(PARTIAL);
    });
    const sender = senderTo(url);
    expect(await sender.send(BODY)).toEqual({ refused: 300, message: 'no' });
    expect(await sender.send(BODY)).toEqual({ refused: 300, message: 'no' });
    expect([seen, sockets.size]).toEqual([['spans', 'spans'], 1]);
  });

  test('comes again when it is asked to, and after a connection that broke', async () => {
    const { url, seen } = await receiver((response, number) => {
      if (number === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else if (number === 2) response.destroy();
      else response.end();
    });
    expect(await senderTo(url).send(BODY)).toEqual({ refused: 0, message: '' });
    expect(seen).toEqual(['spans', 'spans', 'spans']);
  });

  test.each([400, 401, 404, 413, 500, 302])('does not come again after %d', async (status) => {
    const { url, seen } = await receiver((response) => response.writeHead(status).end('secret detail'));
    await expect(senderTo(url).send(BODY)).rejects.toThrow(`the receiver of traces answered ${status}`);
    expect(seen).toHaveLength(1);
  });

  test('gives up a receiver that hangs, and one that sends without end', async () => {
    const hanging = await receiver(() => undefined);
    await expect(senderTo(hanging.url, 50).send(BODY)).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    const endless = await receiver((response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(32_768)), 1);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    expect(await senderTo(endless.url).send(BODY)).toEqual({ refused: 0, message: '' });
  });

  test('a queue counts as lost only what was refused', async () => {
    const { url } = await receiver((response) => response.end(Buffer.from([0x0a, 2, 0x08, 2])));
    const counts = { exported: 0, dropped: 0 };
    const failures: unknown[] = [];
    const queue = new SpanQueue({
      settings: { maxQueueSize: 10, maxBatchSize: 5, scheduleDelayMs: 60_000, exportTimeoutMs: 20_000 },
      exporter: otlpExporter({
        settings: { url, headers: {}, timeoutMs: 20_000 },
        resource: {},
        clean: (_name, value) => value,
      }),
      counts: { exported: (n) => (counts.exported += n), dropped: (n) => (counts.dropped += n) },
      onFailure: (error, spans) => failures.push([String(error), spans]),
    });
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'n', startMs: 1, endMs: 2, attributes: {} };
    for (let n = 0; n < 3; n++) queue.add({ ...span, kind: 'internal' });
    await queue.flush(20_000);
    await queue.close(1_000);
    expect(counts).toEqual({ exported: 1, dropped: 2 });
    expect(failures).toEqual([['Error: the receiver refused 2 spans: ', 2]]);
  });
});

describe('readPartialSuccess', () => {
  test.each([
    ['nothing', [], 0],
    ['success', [0x0a, 0], 0],
    ['a field that it does not know', [0x18, 1], 0],
    ['a text', [...Buffer.from('<html>ok')], 0],
    ['what ends within', [0x0a, 9, 0x08], 0],
    ['refused spans', [...PARTIAL], 300],
  ])('%s', (_name, bytes, refused) => {
    expect(readPartialSuccess(Buffer.from(bytes)).refused).toBe(refused);
  });
});
