import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const FLOOD = fileURLToPath(new URL('../testing/span-flood.ts', import.meta.url));
/** 400 MB of spans, in a process that may have 96 MB. */
const SPANS = 200_000;
const HEAP_MB = 96;
const CLOSE_MS = 700;

interface Flood {
  readonly closedMs: number;
  readonly failures: number;
  readonly metrics: string;
}

async function flood(port: number): Promise<{ readonly told: Flood; readonly lasted: number }> {
  const begun = performance.now();
  const args = [`--max-old-space-size=${String(HEAP_MB)}`, '--disable-warning=ExperimentalWarning', FLOOD];
  const { stdout } = await run(process.execPath, [...args, `http://127.0.0.1:${String(port)}/v1/traces`, String(SPANS), String(CLOSE_MS)], {
    env: {},
    timeout: 60_000,
  });
  return { told: JSON.parse(stdout) as Flood, lasted: performance.now() - begun };
}

/** What the metrics say by reason; also what was exported. */
function counted({ metrics }: Flood): Readonly<Record<string, number>> {
  const found = metrics.matchAll(/^mainstay_spans_(dropped|exported)_total\{(?:.*reason="([^"]+)")?.*\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, what = '', reason = what, n]) => [reason, Number(n)]));
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('the exporter, with a receiver', () => {
  test('that accepts connections and never answers: bounded, counted, and at its end in time', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined).resume());
    });
    const { told } = await flood(await listening(server));
    for (const socket of sockets) socket.destroy();
    server.close();
    const { exported = 0, failed = 0, shutdown = 0, ...other } = counted(told);
    expect(exported).toBe(0);
    expect(failed).toBeGreaterThan(0);
    expect(other['queue-full']).toBeGreaterThan(SPANS / 2);
    expect(failed + shutdown + (other['queue-full'] ?? 0)).toBe(SPANS);
    expect(told.failures * 512).toBe(failed);
    expect(told.closedMs).toBeLessThan(CLOSE_MS + 300);
    expect(sockets.size).toBeGreaterThan(0);
  }, 60_000);

  test('that refuses: everything is counted, and the process ends by itself', async () => {
    let requests = 0;
    const server = createHttpServer((request, response) => {
      requests++;
      request.resume().on('end', () => response.writeHead(503).end());
    });
    const { told } = await flood(await listening(server));
    server.closeAllConnections();
    server.close();
    const { exported = 0, failed = 0, shutdown = 0, ...other } = counted(told);
    expect(exported).toBe(0);
    expect(failed + shutdown + (other['queue-full'] ?? 0)).toBe(SPANS);
    expect(requests).toBeGreaterThan(1);
  }, 60_000);
});
