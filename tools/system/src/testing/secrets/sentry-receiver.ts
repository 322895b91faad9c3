import { type BodyServer, startBodyServer } from '../body-server.ts';

/** Takes what is sent to Sentry, and keeps it. */
export class SentryReceiver implements AsyncDisposable {
  readonly bodies: readonly string[];
  readonly #server: BodyServer;

  private constructor(server: BodyServer, bodies: readonly string[]) {
    this.#server = server;
    this.bodies = bodies;
  }

  static async start(): Promise<SentryReceiver> {
    const bodies: string[] = [];
    const server = await startBodyServer((body, _request, response) => {
      bodies.push(body.toString());
      response.end('{}');
    });
    return new SentryReceiver(server, bodies);
  }

  /** `key`: the public part of the address. */
  dsn(key: string): string {
    return `http://${key}@127.0.0.1:${String(this.#server.port)}/1`;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
