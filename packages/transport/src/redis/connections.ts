import type { MainstayError } from '@mainstay/types';
import { systemClock } from '@mainstay/utils';
import type { Redis } from 'ioredis';
import type { TransportClock } from '../clock.ts';
import { isCommandTimeout, toUnavailable } from './errors.ts';
import { Link, type LinkHooks } from './link.ts';
import { endpointOf, linkOptions, type RedisTransportOptions } from './options.ts';

const DEFAULT_COMMAND_TIMEOUT_MS = 2_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_WATCH_MS = 1_000;

export interface ConnectionsHooks {
  /** Subscribes; runs on every new connection of the subscriber. */
  readonly subscribe: (redis: Redis) => Promise<void>;
  readonly onMessage: (channel: string, frame: string) => void;
}

/** A connection for blocking reads, with the id by which the server can be asked to end one. */
export interface ReaderLink {
  readonly link: Link;
  readonly clientId: () => number;
}

/**
 * The connections of one transport: commands, subscriber and blocking readers. `up` while both of the first two are usable.
 * A command that gets no answer in time, or a quiet connection that does not answer a PING, is taken for half-open: the
 * connection is dropped and made anew.
 */
export class Connections {
  readonly endpoint: string;
  readonly clock: TransportClock;
  readonly commandTimeoutMs: number;
  readonly #options: RedisTransportOptions;
  readonly #hooks: ConnectionsHooks;
  readonly #readers: Link[] = [];
  readonly #handshakes = new Map<Link, number>();
  #commands: Link | undefined;
  #subscriber: Link | undefined;
  #watch: ReturnType<TransportClock['setTimeout']> | undefined;
  #up = false;
  #reason: Error | undefined;
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(options: RedisTransportOptions, hooks: ConnectionsHooks) {
    this.endpoint = endpointOf(options.url);
    this.clock = options.clock ?? systemClock;
    this.commandTimeoutMs = options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS;
    this.#options = options;
    this.#hooks = hooks;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Connects; rejects with REDIS_UNAVAILABLE when that does not succeed in time, and can then be called again. */
  async open(): Promise<void> {
    if (this.#state === 'closed') throw this.unavailable('the transport is closed');
    if (this.#state === 'new') {
      this.#state = 'open';
      this.#commands = this.#link('commands', {}, this.commandTimeoutMs);
      this.#subscriber = this.#link('subscriber', { prepare: this.#hooks.subscribe }, this.commandTimeoutMs);
      this.#subscriber.redis.on('message', this.#hooks.onMessage);
      this.#tick();
    }
    try {
      await this.#untilReady([this.#commands, this.#subscriber], this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
    } catch (error) {
      if (!this.#closed) this.#end('new');
      throw error;
    }
  }

  close(): void {
    this.#end('closed');
  }

  /** Runs commands, or rejects at once while the connection is down. */
  async run<T>(step: (redis: Redis) => Promise<T>): Promise<T> {
    const link = this.#commands;
    if (!this.#up || link === undefined) throw this.unavailable();
    try {
      return await step(link.redis);
    } catch (error) {
      if (isCommandTimeout(error)) link.reset(asError(error));
      const failure = toUnavailable(error, this.endpoint);
      if (failure.code === 'REDIS_FULL') this.#options.onFull?.(failure);
      throw failure;
    }
  }

  /** A connection for blocking reads. Commands on it have no time limit of their own. */
  reader(): ReaderLink {
    let id = 0;
    const prepare = async (redis: Redis): Promise<void> => {
      id = await redis.client('ID');
    };
    const link = this.#link('reader', { prepare }, undefined);
    this.#readers.push(link);
    return { link, clientId: () => id };
  }

  /** Waits until a link is usable; rejects after the command timeout or when the transport is closed. */
  ready(link: Link): Promise<void> {
    return this.#untilReady([link], this.commandTimeoutMs);
  }

  unavailable(reason?: string): MainstayError {
    return toUnavailable(reason ?? this.#reason?.message ?? this.#whyNot(), this.endpoint);
  }

  /** A getter, because the state changes while others wait. */
  get #closed(): boolean {
    return this.#state === 'closed';
  }

  #whyNot(): string {
    return this.#state === 'new' ? 'the transport is not started' : this.#closed ? 'the transport is closed' : 'it is not connected';
  }

  #link(role: string, hooks: Pick<LinkHooks, 'prepare'>, commandTimeoutMs: number | undefined): Link {
    const options = { ...linkOptions(this.#options, role, this.commandTimeoutMs), commandTimeout: commandTimeoutMs };
    return new Link(this.#options.url, options, {
      ...hooks,
      onChange: (error) => {
        this.#onChange(error);
      },
    });
  }

  async #untilReady(links: readonly (Link | undefined)[], timeoutMs: number): Promise<void> {
    const time = { over: false };
    let wake: (() => void) | undefined;
    const timer = this.clock.setTimeout(() => {
      time.over = true;
      wake?.();
    }, timeoutMs);
    try {
      for (;;) {
        const missing = links.find((link) => link?.ready !== true);
        if (missing === undefined) return;
        if (this.#closed) throw this.unavailable('the transport is closed');
        if (time.over) throw this.unavailable(missing.lastError?.message ?? `it did not answer within ${String(timeoutMs)} ms`);
        await Promise.race([missing.changed(), new Promise<void>((resolve) => (wake = resolve))]);
      }
    } finally {
      this.clock.clearTimeout(timer);
    }
  }

  #onChange(error: Error | undefined): void {
    const up = this.#state === 'open' && this.#commands?.ready === true && this.#subscriber?.ready === true;
    if (error !== undefined) this.#reason = error;
    if (up === this.#up) return;
    this.#up = up;
    if (up) {
      this.#reason = undefined;
      this.#options.onUp?.();
    } else if (this.#state === 'open') {
      this.#options.onDown?.(this.unavailable());
    }
  }

  /** Looks after all links; runs again when the round is over. */
  #tick(): void {
    const watch = this.clock.setTimeout(() => {
      const links = [this.#commands, this.#subscriber].filter((link) => link !== undefined);
      const round = Promise.all([
        ...links.map((link) => this.#check(link, true)),
        ...this.#readers.map((link) => this.#check(link, false)),
      ]);
      void round.then(() => {
        if (this.#watch === watch) this.#tick();
      });
    }, this.#options.watchMs ?? DEFAULT_WATCH_MS);
    this.#watch = watch;
  }

  async #check(link: Link, ping: boolean): Promise<void> {
    if (link.ready) {
      this.#handshakes.delete(link);
      if (ping) await link.redis.ping().catch((error: unknown) => this.#onPingFailed(link, error));
      return;
    }
    // Connected to something that does not speak: the handshake has no time limit on readers.
    if (link.redis.status !== 'connect') this.#handshakes.delete(link);
    else if (this.clock.monotonic() - this.#since(link) > this.commandTimeoutMs) {
      this.#handshakes.delete(link);
      link.reset(new Error(`no answer to the handshake within ${String(this.commandTimeoutMs)} ms`));
    }
  }

  #since(link: Link): number {
    const since = this.#handshakes.get(link) ?? this.clock.monotonic();
    this.#handshakes.set(link, since);
    return since;
  }

  #onPingFailed(link: Link, error: unknown): void {
    if (link.ready && isCommandTimeout(error)) link.reset(asError(error));
  }

  #end(state: 'new' | 'closed'): void {
    this.#state = state;
    this.#up = false;
    this.clock.clearTimeout(this.#watch);
    this.#watch = undefined;
    for (const link of [this.#commands, this.#subscriber, ...this.#readers.splice(0)]) link?.close();
    this.#handshakes.clear();
    this.#commands = undefined;
    this.#subscriber = undefined;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
