import { Random } from './random.ts';

/** What can go wrong at a moment, or from it on for a while. */
export const FAULT_KINDS = [
  'kill',
  'kill-at-write',
  'kill-at-message',
  'stop',
  'restart-all',
  'pause',
  'cut-carrier',
  'cut-database',
  'reset-carrier',
  'carrier-wiped',
  'carrier-restarts-empty',
  'carrier-restarts',
  'carrier-forgets',
  'carrier-storm',
  'database-restarts',
  'database-moods',
  'database-storm',
  'clock-jump',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Simulated milliseconds. */
  readonly at: number;
  readonly forMs: number;
  /** Which process, of all orchestrators and workers. */
  readonly seat: number;
  /** How bad, 0 to 1. */
  readonly force: number;
}

/** All that a seed decides beforehand. */
export interface Plan {
  readonly seed: number;
  readonly orchestrators: number;
  readonly workers: number;
  readonly capacity: number;
  readonly runs: number;
  /** Faults begin and runs are submitted until then. */
  readonly calmAt: number;
  /** In this one tasks may get lost that only the last resort finds: transactions that are done late, a carrier that forgets. */
  readonly treacherous: boolean;
  readonly faults: readonly Fault[];
}

const DURATIONS: Readonly<Record<FaultKind, readonly [from: number, to: number]>> = {
  kill: [0, 0],
  'kill-at-write': [0, 0],
  'kill-at-message': [0, 0],
  stop: [0, 0],
  'restart-all': [500, 3_000],
  pause: [100, 9_000],
  'cut-carrier': [200, 8_000],
  'cut-database': [200, 8_000],
  'reset-carrier': [0, 3_000],
  'carrier-wiped': [0, 0],
  'carrier-restarts-empty': [100, 3_000],
  'carrier-restarts': [100, 3_000],
  'carrier-forgets': [100, 2_000],
  'carrier-storm': [500, 6_000],
  'database-restarts': [100, 4_000],
  'database-moods': [500, 6_000],
  'database-storm': [500, 6_000],
  'clock-jump': [0, 0],
};

export function planOf(seed: number): Plan {
  const random = new Random(seed, 'plan');
  const treacherous = random.chance(0.25);
  const orchestrators = 1 + random.below(3);
  const workers = 1 + random.below(4);
  const calmAt = random.between(4_000, 16_000);
  const kinds = treacherous ? FAULT_KINDS : FAULT_KINDS.filter((kind) => kind !== 'carrier-forgets');
  const faults = Array.from({ length: random.below(10) }, (): Fault => {
    const kind = kinds[random.below(kinds.length)] ?? 'kill';
    const [from, to] = DURATIONS[kind];
    return {
      ...{ kind, at: Math.round(random.between(100, calmAt)), forMs: Math.round(random.between(from, to)) },
      ...{ seat: random.below(orchestrators + workers), force: Math.round(random.next() * 100) / 100 },
    };
  });
  faults.sort((a, b) => a.at - b.at);
  const capacity = 1 + random.below(8);
  return { seed, orchestrators, workers, capacity, runs: 4 + random.below(14), calmAt, treacherous, faults };
}

export function faultText({ kind, at, forMs, seat, force }: Fault): string {
  return `${kind} at ${(at / 1_000).toFixed(3)} s${forMs > 0 ? ` for ${forMs} ms` : ''} (process ${seat}, force ${force})`;
}
