import type { Breaker, BreakerListener, BreakerStats } from './breaker.ts';
import { createBreaker } from './circuit-breaker.ts';
import type { BreakerOptions } from './circuit-breaker-options.ts';
import { checkNumber } from './check-option.ts';

export interface BreakersOptions extends BreakerOptions {
  /** Names beyond these push out the one that was unused for longest, closed circuits first. Default 1,024. */
  readonly maxBreakers?: number;
  /** Options of single names, over those of all. */
  readonly byName?: Readonly<Record<string, BreakerOptions>>;
  /** Metrics: a circuit changed its state. */
  readonly onState?: BreakerListener;
}

/** The breakers of a process by the name of what they protect; who asks for the same name gets the same breaker. */
export interface Breakers {
  get(name: string): Breaker;
  /** Without making one. */
  find(name: string): Breaker | undefined;
  /** All of them, for gauges and health pages. */
  stats(): readonly (BreakerStats & { readonly name: string })[];
  readonly size: number;
  close(): void;
}

export function createBreakers(options: BreakersOptions = {}): Breakers {
  const { maxBreakers = 1_024, byName = {}, onState, ...defaults } = options;
  checkNumber('breakers', 'maxBreakers', maxBreakers, { min: 1, max: 1_000_000, integer: true });
  const entries = new Map<string, Entry>();
  let uses = 0;

  const make = (name: string): Entry => {
    if (entries.size >= maxBreakers) evict(entries);
    const own = Object.hasOwn(byName, name) ? byName[name] : undefined;
    const breaker = createBreaker(name, { ...defaults, ...own });
    if (onState !== undefined) breaker.on('state', onState);
    const entry = { breaker, used: 0 };
    entries.set(name, entry);
    return entry;
  };

  return {
    get(name) {
      const entry = entries.get(name) ?? make(name);
      entry.used = uses += 1;
      return entry.breaker;
    },
    find: (name) => entries.get(name)?.breaker,
    stats: () => [...entries].map(([name, { breaker }]) => ({ name, ...breaker.stats })),
    get size() {
      return entries.size;
    },
    close() {
      for (const { breaker } of entries.values()) breaker.close();
      entries.clear();
    },
  };
}

interface Entry {
  readonly breaker: Breaker;
  used: number;
}

/** Who still holds the breaker that goes can use it: it has nothing that would have to be given up. */
function evict(entries: Map<string, Entry>): void {
  let victim: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [name, { breaker, used }] of entries) {
    // an open circuit is worth more than any closed one
    const worth = breaker.state === 'closed' ? used : used + Number.MAX_SAFE_INTEGER / 2;
    if (worth >= least) continue;
    least = worth;
    victim = name;
  }
  if (victim !== undefined) entries.delete(victim);
}
