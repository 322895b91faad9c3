import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { flood } from './flood.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function floodAt(answer: RequestListener) {
  const listening = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  server = listening;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  const { port } = listening.address() as AddressInfo;
  const options = { port, authorization: 'Bearer key', body: '{}', runs: 20, connections: 3 };
  return flood({ ...options, signal: AbortSignal.timeout(20_000) });
}

describe('flood', () => {
  test('posts what was refused again when Retry-After is over, until all is accepted', async () => {
    let count = 0;
    const { ids, seconds, requests, withoutRetryAfter } = await floodAt((_request, response) => {
      const number = count++;
      if (number < 12) {
        const status = number % 2 === 0 ? 429 : 503;
        response.writeHead(status, { 'content-length': 0, ...(number === 0 ? {} : { 'retry-after': '1' }) }).end();
      } else {
        const text = JSON.stringify({ id: `r${number}` });
        response.writeHead(202, { 'content-length': text.length }).end(text);
      }
    });
    expect(new Set(ids).size).toBe(20);
    expect([requests, withoutRetryAfter]).toEqual([32, 1]);
    const sum = (pick: (one: (typeof seconds)[number]) => number) => seconds.reduce((all, one) => all + pick(one), 0);
    expect([sum((one) => one.accepted), sum((one) => one.tooMany), sum((one) => one.unavailable)]).toEqual([20, 6, 6]);
  });

  test('tells of broken connections and goes on with others', async () => {
    let count = 0;
    const { ids, seconds } = await floodAt((request, response) => {
      if (count++ === 0) {
        request.socket.destroy();
        return;
      }
      const text = JSON.stringify({ id: `r${count}` });
      response.writeHead(202, { 'content-length': text.length }).end(text);
    });
    expect(ids).toHaveLength(20);
    expect(seconds.some(({ broken }) => broken > 0)).toBe(true);
  });
});
