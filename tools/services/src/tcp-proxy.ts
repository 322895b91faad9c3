import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What a link does to the bytes on it. */
export interface LinkFault {
  /** Each piece waits so long. */
  readonly delayMs?: number;
  readonly bytesPerSecond?: number;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Forwards TCP connections to a local port, until it is told to be a bad link. */
export class TcpProxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #silent = false;
  #fault: LinkFault | undefined;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
    this.#server.on('error', () => undefined);
  }

  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** From now on nothing comes through, and nobody is told: half-open. New connections are taken and lead nowhere. */
  cut(): void {
    this.#silent = true;
  }

  slow(fault: LinkFault): void {
    this.#fault = fault;
  }

  /** A good link again; what was half-open is reset. */
  heal(): void {
    this.#fault = undefined;
    if (!this.#silent) return;
    this.#silent = false;
    this.reset();
  }

  /** Breaks every connection. */
  reset(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  close(): void {
    this.#server.close();
    this.reset();
  }

  #accept(near: Socket): void {
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    const pair = { near, far };
    this.#pairs.add(pair);
    this.#join(pair, near, far);
    this.#join(pair, far, near);
  }

  #join(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (this.#silent) from.pause();
      else if (this.#fault !== undefined) void this.#slowly(this.#fault, chunk, from, to);
      else if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('error', () => undefined);
    from.on('end', () => {
      if (!this.#silent) to.end();
    });
    from.on('close', () => {
      if (!this.#silent) to.destroy();
      if (to.destroyed) this.#pairs.delete(pair);
    });
  }

  async #slowly(
    { delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY }: LinkFault,
    chunk: Buffer,
    from: Socket,
    to: Socket,
  ): Promise<void> {
    from.pause();
    await delay(delayMs + (chunk.length / bytesPerSecond) * 1_000);
    if (!to.destroyed) to.write(chunk);
    from.resume();
  }
}
