import { once } from 'node:events';
import { get } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const LOOK_EVERY_MS = 100;
const ANSWER_MS = 1_000;
/** A connection waits so long for a ready orchestrator. */
const PATIENCE_MS = 10_000;

/**
 * What stands before several orchestrators: gives each connection to one that says it is ready, in turn. Connections to one that does not
 * answer at all are broken, so that clients come to another one; those to one that says it is not ready end as it likes.
 */
export class Front {
  readonly #server: Server;
  readonly #ports: () => readonly number[];
  readonly #ready = new Set<number>();
  readonly #sockets = new Set<Socket>();
  readonly #joined = new Map<number, Set<Socket>>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;

  private constructor(ports: () => readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((socket) => void this.#accept(socket));
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  static async open(ports: () => readonly number[]): Promise<Front> {
    const front = new Front(ports);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Ports of the orchestrators that are ready. */
  get ready(): ReadonlySet<number> {
    return this.#ready;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #look(): void {
    for (const port of this.#ports()) {
      const noted = (ready: boolean): void => {
        if (ready) this.#ready.add(port);
        else this.#ready.delete(port);
      };
      const request = get({ port, host: '127.0.0.1', path: '/health/ready', agent: false, timeout: ANSWER_MS }, (response) => {
        response.resume();
        noted(response.statusCode === 200);
      });
      request.on('timeout', () => {
        request.destroy(new Error('no answer'));
        for (const socket of this.#joined.get(port) ?? []) socket.resetAndDestroy();
      });
      request.on('error', () => noted(false));
    }
  }

  async #accept(near: Socket): Promise<void> {
    this.#sockets.add(near);
    near.on('error', () => undefined);
    near.on('close', () => this.#sockets.delete(near));
    near.pause();
    const end = Date.now() + PATIENCE_MS;
    while (this.#ready.size === 0 && Date.now() < end && !near.destroyed) await new Promise((resolve) => setTimeout(resolve, 20));
    const ready = [...this.#ready];
    const port = ready[this.#turn++ % Math.max(1, ready.length)];
    if (port === undefined || near.destroyed) near.destroy();
    else this.#join(near, port);
  }

  #join(near: Socket, port: number): void {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    const joined = this.#joined.get(port) ?? new Set();
    this.#joined.set(port, joined.add(near));
    far.on('error', () => near.resetAndDestroy());
    near.on('error', () => far.destroy());
    near.on('close', () => {
      joined.delete(near);
      if (joined.size === 0 && this.#joined.get(port) === joined) this.#joined.delete(port);
      far.destroy();
    });
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  }
}
