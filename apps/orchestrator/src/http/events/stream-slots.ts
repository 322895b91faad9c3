import { OverloadError } from '@mainstay/types';

export interface StreamLimits {
  /** Streams of all tenants. Default 1,000. */
  readonly max: number;
  /** Streams of one tenant. Default 250. */
  readonly maxPerTenant: number;
}

/** Counts open event streams and bounds them. */
export interface StreamSlots {
  readonly open: number;
  /** Aborts when the server drains: streams end, and clients resume elsewhere. */
  readonly signal: AbortSignal;
  /** Takes a place; disposing gives it back. Rejects with OVERLOADED, RATE_LIMITED or SHUTTING_DOWN. */
  take(tenant: string): Disposable;
  endAll(): void;
}

const RETRY_AFTER_MS = 5_000;

export function createStreamSlots({ max, maxPerTenant }: StreamLimits, onChange: (open: number) => void = () => undefined): StreamSlots {
  const byTenant = new Map<string, number>();
  const ending = new AbortController();
  let open = 0;

  const add = (tenant: string, by: 1 | -1) => {
    open += by;
    const mine = (byTenant.get(tenant) ?? 0) + by;
    if (mine === 0) byTenant.delete(tenant);
    else byTenant.set(tenant, mine);
    onChange(open);
  };

  return {
    get open() {
      return open;
    },
    signal: ending.signal,
    take(tenant) {
      if (ending.signal.aborted)
        throw new OverloadError('SHUTTING_DOWN', 'This replica is shutting down; resume elsewhere', { retryAfterMs: 1_000 });
      if (open >= max) throw full('OVERLOADED', max, 'of this replica');
      if ((byTenant.get(tenant) ?? 0) >= maxPerTenant) throw full('RATE_LIMITED', maxPerTenant, 'of this tenant');
      add(tenant, 1);
      let held = true;
      return {
        [Symbol.dispose]() {
          if (held) add(tenant, -1);
          held = false;
        },
      };
    },
    endAll() {
      ending.abort();
    },
  };
}

function full(code: 'OVERLOADED' | 'RATE_LIMITED', max: number, whose: string): OverloadError {
  return new OverloadError(code, `All ${max} event streams ${whose} are in use; close some, or come back later`, {
    details: { max },
    retryAfterMs: RETRY_AFTER_MS,
  });
}
