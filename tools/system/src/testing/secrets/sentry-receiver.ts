import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** Takes what is sent to Sentry, and keeps it. */
export class SentryReceiver implements AsyncDisposable {
  readonly bodies: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const body = Buffer.concat(pieces);
        this.bodies.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString());
        response.end('{}');
      });
    });
  }

  static async start(): Promise<SentryReceiver> {
    const receiver = new SentryReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  /** `key`: the public part of the address. */
  dsn(key: string): string {
    return `http://${key}@127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
