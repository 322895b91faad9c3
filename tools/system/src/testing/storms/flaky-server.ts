import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How many requests a route got, and which of them fail. */
interface RouteState {
  requests: number;
  /** Every n-th request fails; 0: none. */
  failEvery: number;
}

/** A real HTTP server whose routes fail as they are told. */
export class FlakyServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #routes = new Map<string, RouteState>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const state = this.#state(request.url ?? '/');
      state.requests++;
      const failed = state.failEvery > 0 && state.requests % state.failEvery === 0;
      response.writeHead(failed ? 503 : 200).end(failed ? 'busy' : 'ok');
    });
  }

  static async open(): Promise<FlakyServer> {
    const flaky = new FlakyServer();
    flaky.#server.listen(0, '127.0.0.1');
    await once(flaky.#server, 'listening');
    return flaky;
  }

  url(path: string): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}${path}`;
  }

  /** From now on every n-th request of the path fails; 1: all, 0: none. */
  fail(path: string, every: number): void {
    this.#state(path).failEvery = every;
  }

  requests(path: string): number {
    return this.#state(path).requests;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #state(path: string): RouteState {
    const state = this.#routes.get(path) ?? { requests: 0, failEvery: 0 };
    this.#routes.set(path, state);
    return state;
  }
}
