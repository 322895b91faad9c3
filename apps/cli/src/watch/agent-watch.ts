import { systemClock } from '@mainstay/utils';
import type { MainstayClient } from '../client/mainstay-client.ts';
import { type RunModel, timeOf } from '../render/run-model.ts';
import type { Display } from './display.ts';

const POLL_MS = 2_000;

/** While a stage waits for a worker, finds out whether any worker offers its kind of agent at all. */
export class AgentWatch {
  readonly #client: MainstayClient;
  readonly #display: Display;
  readonly #signal: AbortSignal;
  #wanted: ReadonlySet<string> = new Set();
  #polling = false;

  constructor(client: MainstayClient, display: Display, signal: AbortSignal) {
    this.#client = client;
    this.#display = display;
    this.#signal = signal;
  }

  update({ stages }: RunModel): void {
    this.#wanted = new Set(stages.filter(({ status }) => status === 'dispatched').map(({ agent }) => agent));
    if (this.#wanted.size > 0 && !this.#polling) void this.#poll();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    try {
      while (this.#wanted.size > 0) {
        await systemClock.sleep(POLL_MS, this.#signal);
        // what a key without the scope, or a server that is away, cannot tell is not shown
        const { missing } = await this.#client.agents({ signal: this.#signal }).catch(() => ({ missing: [] }));
        const kinds = missing.filter(({ agent }) => this.#wanted.has(agent));
        this.#display.missing(new Map(kinds.map(({ agent, since }) => [agent, timeOf(since) ?? systemClock.now()])));
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#polling = false;
    }
  }
}
