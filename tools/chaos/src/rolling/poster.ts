import { Agent, request } from 'node:http';
import { evenNow } from '../steps/step-lines.ts';

/** One request of a client that tries once. */
export interface Posted {
  readonly at: number;
  readonly ms: number;
  /** Undefined: it was accepted. */
  readonly problem: string | undefined;
}

const TIMEOUT_MS = 30_000;
const MAX_SOCKETS = 64;
const TICK_MS = 20;

/** Clients that post at an even pace, whatever the answers are, and never repeat a request: each that fails shows. */
export class Poster {
  readonly posted: Posted[] = [];
  readonly accepted: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: 'lifo' });
  readonly #url: URL;
  readonly #key: string;
  readonly #bodies: readonly string[];
  readonly #under = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  /** `bodies` are sent in turn. */
  constructor(url: string, key: string, bodies: readonly string[]) {
    this.#url = new URL('/api/v1/runs', url);
    this.#key = key;
    this.#bodies = bodies;
  }

  start(perSecond: number): void {
    const begun = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
      while (this.#sent < due) this.#track(this.#post(this.#bodies[this.#sent++ % this.#bodies.length] ?? ''));
    }, TICK_MS);
  }

  /** No new requests; resolves when all were answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#under);
    this.#agent.destroy();
  }

  async #post(body: string): Promise<void> {
    const at = evenNow();
    const problem = await this.#send(body).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    this.posted.push({ at, ms: evenNow() - at, problem });
  }

  #send(body: string): Promise<string | undefined> {
    const headers = { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, { method: 'POST', headers, agent: this.#agent, timeout: TIMEOUT_MS }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => resolve(this.#noted(response.statusCode ?? 0, text)));
      });
      sent.on('timeout', () => sent.destroy(new Error('not answered in time')));
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #noted(status: number, text: string): string | undefined {
    if (status !== 202) return `${String(status)} ${text.slice(0, 200)}`;
    this.accepted.push((JSON.parse(text) as { readonly id: string }).id);
    return undefined;
  }

  #track(work: Promise<void>): void {
    this.#under.add(work);
    void work.finally(() => this.#under.delete(work));
  }
}
