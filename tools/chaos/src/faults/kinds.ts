/**
 * Every kind of fault. `from`: what the time to recover is counted from: the fault itself, or its end where nothing can go on
 * before. `boundMs`: what the 99th percentile of that time should be at most; none where the fault need not be felt at all.
 */
export const FAULT_KINDS = {
  'worker-kill': { says: 'kill -9 of a worker', from: 'begin', boundMs: 2_000 },
  'worker-term': { says: 'SIGTERM of a worker', from: 'begin', boundMs: 2_000 },
  'worker-stop': { says: 'SIGSTOP of a worker past its lease, then SIGCONT', from: 'begin', boundMs: 6_000 },
  'orchestrator-kill': { says: 'kill -9 of an orchestrator', from: 'begin', boundMs: 2_000 },
  'orchestrator-term': { says: 'SIGTERM of an orchestrator', from: 'begin', boundMs: 2_000 },
  'orchestrator-stop': { says: 'SIGSTOP of an orchestrator, then SIGCONT', from: 'begin', boundMs: 6_000 },
  'redis-kill': { says: 'kill -9 of Redis, restarted with its data', from: 'end', boundMs: 5_000 },
  'redis-empty': { says: 'kill -9 of Redis, restarted empty', from: 'end', boundMs: 5_000 },
  'redis-flush': { says: 'FLUSHALL', from: 'begin', boundMs: 5_000 },
  'redis-full': { says: 'the memory of Redis is full, then has room', from: 'end', boundMs: 5_000 },
  'redis-clients': { says: 'CLIENT KILL of every connection to Redis', from: 'begin', boundMs: 5_000 },
  'redis-stop': { says: 'SIGSTOP of Redis, then SIGCONT', from: 'end', boundMs: 5_000 },
  'postgres-kill': { says: 'kill -9 of Postgres, restarted', from: 'end', boundMs: 5_000 },
  'postgres-restart': { says: 'fast shutdown of Postgres, restarted', from: 'end', boundMs: 5_000 },
  'link-cut': { says: 'a connection of one process to Redis or Postgres is half-open, then reset', from: 'begin', boundMs: 6_000 },
  'link-reset': { says: 'all connections of one process to Redis or Postgres are reset', from: 'begin', boundMs: 2_000 },
  'link-delay': { says: 'a connection of one process is slow to answer', from: 'end', boundMs: 5_000 },
  'link-throttle': { says: 'a connection of one process carries few bytes', from: 'end', boundMs: 5_000 },
  'disk-full-postgres': { says: 'the disk of Postgres is full, then has room', from: 'end', boundMs: 5_000 },
  'disk-full-redis': { says: 'the disk of Redis is full, then has room', from: 'end', boundMs: 5_000 },
  'memory-pressure': { says: 'another process takes much memory', from: 'end', boundMs: 5_000 },
  flood: { says: 'hundreds of runs at once', from: 'end', boundMs: 5_000 },
  'poison-crash': { says: 'a task kills its worker', from: 'begin', boundMs: 6_000 },
  'poison-hang': { says: 'a task blocks its worker past the lease', from: 'begin', boundMs: 6_000 },
  'poison-allocate': { says: 'a task allocates until its worker dies', from: 'begin', boundMs: 6_000 },
  'poison-garbage': { says: 'a task returns what its schema does not allow', from: 'begin', boundMs: 2_000 },
  'file-handles': { says: 'an orchestrator can open no more files and connections', from: 'end', boundMs: 5_000 },
  'clock-jump': { says: 'the wall clock of one process jumps by an hour and back', from: 'end', boundMs: 5_000 },
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

export const ALL_KINDS = Object.keys(FAULT_KINDS) as readonly FaultKind[];

/** Short names for several kinds. */
export const FAULT_GROUPS: Readonly<Record<string, readonly FaultKind[]>> = {
  all: ALL_KINDS,
  worker: ofPrefix('worker-'),
  orchestrator: ofPrefix('orchestrator-'),
  redis: ofPrefix('redis-'),
  postgres: ofPrefix('postgres-'),
  link: ofPrefix('link-'),
  disk: ofPrefix('disk-'),
  poison: ofPrefix('poison-'),
  processes: [...ofPrefix('worker-'), ...ofPrefix('orchestrator-')],
};

function ofPrefix(prefix: string): readonly FaultKind[] {
  return ALL_KINDS.filter((kind) => kind.startsWith(prefix));
}

/** The kinds that a list of names and groups means, or the first name that is neither. */
export function kindsOf(names: readonly string[]): readonly FaultKind[] | { readonly unknown: string } {
  const kinds = new Set<FaultKind>();
  for (const name of names) {
    const own = ALL_KINDS.find((kind) => kind === name);
    const meant = own === undefined ? FAULT_GROUPS[name] : [own];
    if (meant === undefined) return { unknown: name };
    for (const kind of meant) kinds.add(kind);
  }
  return [...kinds];
}
