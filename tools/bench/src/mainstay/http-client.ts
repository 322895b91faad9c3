import { Agent, type IncomingMessage, request } from 'node:http';

/** Connections that stay open; requests beyond them wait for one. */
const MAX_SOCKETS = 64;
const TIMEOUT_MS = 60_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The API's client: keep-alive connections, an API key, nothing else. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_SOCKETS });
  readonly #port: number;
  readonly #authorization: string;

  constructor(port: number, key: string) {
    this.#port = port;
    this.#authorization = `Bearer ${key}`;
  }

  async call(method: string, path: string, body?: string): Promise<Answer> {
    const response = await this.#send(method, path, 'application/json, text/plain', body);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
    return { status: response.statusCode ?? 0, text };
  }

  /** Opens an event stream, after the event of that number; the caller reads it, or does not. */
  open(path: string, after = 0): Promise<IncomingMessage> {
    return this.#send('GET', `${path}?after=${after}`, 'text/event-stream');
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, accept: string, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: this.#authorization,
        accept,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      };
      const sent = request(
        { host: '127.0.0.1', port: this.#port, method, path, headers, agent: this.#agent, timeout: TIMEOUT_MS },
        resolve,
      );
      sent.setNoDelay(true);
      sent.on('timeout', () => {
        sent.destroy(new Error(`${method} ${path} was not answered within ${TIMEOUT_MS} ms`));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
