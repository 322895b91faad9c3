import { CancelledError, OverloadError } from '@mainstay/types';
import { AbortScope, PRIORITIES, type Priority } from '@mainstay/utils';

/** When to come again after work was shed. */
const RETRY_AFTER_MS = 5_000;
/** The same in an emergency: it takes half a minute of calm to be over. */
const EMERGENCY_RETRY_AFTER_MS = 15_000;

/** What is let in, and what of it can be ended: shedding by priority, declared memory, and the operations of low priority. */
export class Admission {
  leastPriority: Priority = 'low';
  /** Only the highest priority is taken, whatever {@link leastPriority} says. */
  emergency = false;
  /** Memory that operations may declare together. */
  memoryBytes = Number.POSITIVE_INFINITY;
  #declared = 0;
  readonly #low = new Set<AbortScope>();

  get declaredBytes(): number {
    return this.#declared;
  }

  /** @throws OverloadError `OVERLOADED` or `EMERGENCY` if the operation may not begin now. */
  check(name: string, priority: Priority, memoryBytes: number): void {
    if (this.emergency && priority !== 'high') {
      const message = `${name}: work of priority ${priority} is refused in an emergency`;
      throw new OverloadError('EMERGENCY', message, { details: { operation: name, priority }, retryAfterMs: EMERGENCY_RETRY_AFTER_MS });
    }
    if (PRIORITIES.indexOf(priority) > PRIORITIES.indexOf(this.leastPriority)) {
      const message = `${name}: work of priority ${priority} is refused while resources are short`;
      throw new OverloadError('OVERLOADED', message, { details: { operation: name, priority }, retryAfterMs: RETRY_AFTER_MS });
    }
    if (memoryBytes > 0 && this.#declared + memoryBytes > this.memoryBytes) throw this.#noRoom(name, memoryBytes);
  }

  /** Runs work that has declared memory. */
  async holding<T>(memoryBytes: number, work: () => Promise<T>): Promise<T> {
    this.#declared += memoryBytes;
    try {
      return await work();
    } finally {
      this.#declared -= memoryBytes;
    }
  }

  /** Runs work that may be ended for the sake of other work. */
  async cancellable<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    using scope = new AbortScope(signal);
    this.#low.add(scope);
    try {
      return await work(scope.signal);
    } finally {
      this.#low.delete(scope);
    }
  }

  /** Ends the operations of low priority; how many. */
  cancelLow(reason: string): number {
    const ended = [...this.#low];
    for (const scope of ended)
      scope.abort(new CancelledError('CANCELLED', reason, { disposition: 'retryable', retryAfterMs: RETRY_AFTER_MS }));
    return ended.length;
  }

  #noRoom(name: string, memoryBytes: number): OverloadError {
    const never = memoryBytes > this.memoryBytes;
    const message = `${name} asks for ${memoryBytes} bytes; ${Math.max(0, this.memoryBytes - this.#declared)} are left`;
    const details = { operation: name, memoryBytes };
    return new OverloadError('OVERLOADED', message, {
      details,
      ...(never ? { disposition: 'terminal' } : { retryAfterMs: RETRY_AFTER_MS }),
    });
  }
}
