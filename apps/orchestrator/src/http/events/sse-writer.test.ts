import { describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { systemClock } from '@mainstay/utils';
import { openSse } from './sse-writer.ts';

/** Serves one request with the given function, to a client that reads or does not. */
async function serve(reads: boolean, work: (response: ServerResponse, request: IncomingMessage) => Promise<void>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    resolve(work(response, request).finally(() => response.destroy()));
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('error', () => undefined);
  socket.setEncoding('utf8');
  if (reads) socket.on('data', (chunk: string) => (text += chunk));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  try {
    await promise;
    return text;
  } finally {
    socket.destroy();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

const big = 'x'.repeat(1_000_000);

describe('openSse', () => {
  test('cuts off a client that reads nothing', async () => {
    let sent = 0;
    const stalled = serve(false, async (response) => {
      const sse = openSse(response, systemClock, 100, new AbortController().signal);
      for (; sent < 200; sent++) await sse.send({ id: sent, event: 'e', data: big });
    });
    await expect(stalled).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    expect(sent).toBeLessThan(100);
  });

  test('never buffers more than one event for a client that reads', async () => {
    await serve(true, async (response) => {
      const sse = openSse(response, systemClock, 10_000, new AbortController().signal);
      for (let i = 0; i < 20; i++) {
        expect(response.writableLength).toBeLessThan(response.writableHighWaterMark + 1);
        await sse.send({ id: i, event: 'e', data: big });
      }
    });
  });

  test('stops waiting for the client when it is aborted', async () => {
    const stop = new AbortController();
    const aborted = serve(false, async (response) => {
      const sse = openSse(response, systemClock, 600_000, stop.signal);
      for (let i = 0; ; i++) {
        const sending = sse.send({ id: i, event: 'e', data: big });
        if (response.writableNeedDrain) stop.abort(new Error('over'));
        await sending;
      }
    });
    await expect(aborted).rejects.toThrow('over');
  });

  test('keeps data on one line', async () => {
    const text = await serve(true, async (response) => {
      const sse = openSse(response, systemClock, 1_000, new AbortController().signal);
      await sse.send({ id: 7, event: 'a.b', data: { text: 'one\n\ntwo\r' } });
      await sse.heartbeat();
      await new Promise<void>((ended) => response.end(ended));
      await systemClock.sleep(20);
    });
    expect(text).toContain('retry: 1000\n\n');
    expect(text).toContain('id: 7\nevent: a.b\ndata: {"text":"one\\n\\ntwo\\r"}\n\n');
  });
});
