import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answering = (request: Received, response: ServerResponse, count: number) => void;

/** An HTTP server that answers as a test wants, and keeps what it was sent. */
export class Server implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server;

  constructor(answer: Answering) {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const received = { method, path, headers, body };
        this.received.push(received);
        answer(received, response, this.received.filter((one) => one.path === path).length);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  to(path: string): readonly Received[] {
    return this.received.filter((one) => one.path === path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function sendJson(response: ServerResponse, status: number, json: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
}

export function problem(status: number, code: string): object {
  return { type: `urn:mainstay:error:${code}`, title: code, status, code, detail: `it is ${code}` };
}

/** Accepts every run, alone or in a batch, under the id that its place gives. */
export function accepting(id: (index: number) => string = (index) => `run-${index}`): Answering {
  return ({ path, body }, response) => {
    if (path.endsWith('/batch')) {
      const { runs } = JSON.parse(body) as { readonly runs: readonly unknown[] };
      sendJson(response, 202, { results: runs.map((_, index) => ({ status: 202, id: id(index), runStatus: 'running' })) });
    } else sendJson(response, 202, { id: id(0), status: 'running' });
  };
}

/** {@link accepting} every run, as an answer to one request. */
export const acceptAll: Answering = accepting();
