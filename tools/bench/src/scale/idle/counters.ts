/** Counters by name. */
export type Counters = Readonly<Record<string, number>>;

/** Calls by command, from Redis' `INFO commandstats`. */
export function commandCalls(info: string): Counters {
  return Object.fromEntries([...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name = '', calls]) => [name, Number(calls)]));
}

/** What was added between two looks, per second, the most first. */
export function perSecond(before: Counters, after: Counters, seconds: number): Counters {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, value]) => [name, (value - (before[name] ?? 0)) / seconds] as const)
      .filter(([, value]) => value > 0)
      .sort(([, a], [, b]) => b - a),
  );
}

const BEGINNING = 60;

/** Statements in Postgres' log (`log_statement = all`), by their beginning; `database` is in the prefix of its lines. */
export function statementsIn(log: string, database: string): Counters {
  const counts: Record<string, number> = {};
  // Further lines of a statement begin with a tab.
  for (const line of log.replaceAll('\n\t', ' ').split('\n')) {
    if (!line.includes(`[${database}]`)) continue;
    const text = /LOG: {2}(?:statement|execute [^:]+): (.*)$/.exec(line)?.[1];
    if (text === undefined) continue;
    const name = text.trim().replaceAll(/\s+/g, ' ').slice(0, BEGINNING);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
