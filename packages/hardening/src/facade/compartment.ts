import { type Bulkhead, type BulkheadOptions, createBulkhead } from '@mainstay/utils';

/**
 * The places of one operation within those of all: whatever hangs on it, the rest stays free for others. `own` bounds the operation;
 * one that has no place of its own does not stand in the common queue.
 */
export function createCompartment(common: Bulkhead, own: BulkheadOptions): Bulkhead {
  const inner = createBulkhead(own);
  return {
    run: (fn, call) => inner.run(() => common.run(fn, call), call),
    get stats() {
      return inner.stats;
    },
  };
}
