import type { Outgoing } from './outbox.ts';

/** Items of one send at most. */
const MAX_BATCH = 256;

/**
 * What waits to be sent, and what is under way. While a report is under way, nothing later of the same subject is given out:
 * should that report have to be sent again, it must not come after the result.
 */
export class OutboxQueue {
  #waiting: Outgoing[] = [];
  readonly #flights = new Set<readonly Outgoing[]>();
  #underWay = 0;
  /** Subjects of which a report is under way. */
  readonly #reporting = new Set<object>();

  /** Items that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Items of batches under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Items that wait or are under way. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }

  all(): readonly Outgoing[] {
    return [...[...this.#flights].flat(), ...this.#waiting];
  }

  add(item: Outgoing): void {
    this.#waiting.push(item);
  }

  /** The next batch, which is under way from then on; undefined when there is nothing that may go. */
  take(): readonly Outgoing[] | undefined {
    const batch = this.#reporting.size === 0 ? this.#waiting.splice(0, MAX_BATCH) : this.#takeFree();
    if (batch.length === 0) return undefined;
    this.#flights.add(batch);
    this.#underWay += batch.length;
    for (const { message, subject } of batch) if (message?.type === 'report' && subject !== undefined) this.#reporting.add(subject);
    return batch;
  }

  /** The batch is no longer under way; what is left of it waits again, before everything else. */
  landed(batch: readonly Outgoing[], left: readonly Outgoing[]): void {
    this.#flights.delete(batch);
    this.#underWay -= batch.length;
    for (const { message, subject } of batch) if (message?.type === 'report' && subject !== undefined) this.#reporting.delete(subject);
    if (left.length > 0) this.#waiting = [...left, ...this.#waiting];
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }

  #takeFree(): Outgoing[] {
    const batch: Outgoing[] = [];
    const kept: Outgoing[] = [];
    for (const item of this.#waiting) {
      const held = item.subject !== undefined && this.#reporting.has(item.subject);
      (held || batch.length >= MAX_BATCH ? kept : batch).push(item);
    }
    this.#waiting = kept;
    return batch;
  }
}
