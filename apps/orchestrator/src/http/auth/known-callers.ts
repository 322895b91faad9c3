import type { Clock } from '@mainstay/utils';
import type { Principal } from './principal.ts';

const KNOWN_MS = 60_000;
const MAX_CALLERS = 1_000;

interface Caller {
  readonly principal: Principal;
  readonly until: number;
}

/**
 * Who asked with good credentials of late, by the hash of those. For what must be decided at once and at little cost, and is no matter of
 * rights: a key may have been revoked since.
 */
export class KnownCallers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #callers = new Map<string, Caller>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  remember(hash: string, principal: Principal): void {
    this.#callers.delete(hash);
    this.#callers.set(hash, { principal, until: this.#clock.monotonic() + KNOWN_MS });
    const [oldest] = this.#callers.keys();
    if (this.#callers.size > MAX_CALLERS && oldest !== undefined) this.#callers.delete(oldest);
  }

  find(hash: string): Principal | undefined {
    const caller = this.#callers.get(hash);
    return caller !== undefined && this.#clock.monotonic() < caller.until ? caller.principal : undefined;
  }

  clear(): void {
    this.#callers.clear();
  }
}
