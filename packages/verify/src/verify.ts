import { performance } from 'node:perf_hooks';
import type { Client } from 'pg';
import { BELONGINGS, checkSlots, countRuns, findOrphans } from './database/check-whole.ts';
import { RunLoader } from './database/load-runs.ts';
import { runGroups } from './database/pages.ts';
import { checkSchema } from './database/schema.ts';
import { withSnapshot } from './database/snapshot.ts';
import type { Finding, InvariantCode } from './invariants.ts';
import { checkRun } from './run/check-run.ts';

export interface VerifyOptions {
  /** `postgresql://…`; a user that may only read is enough. */
  readonly url: string;
  /** Findings that are kept; all are counted. Default 1,000. */
  readonly maxFindings?: number;
  readonly signal?: AbortSignal;
  /** Told after every group of runs. */
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Told of each finding that is kept, as soon as it is found. */
  readonly onFinding?: (finding: Finding) => void;
}

export interface VerifyProgress {
  /** Runs checked so far. */
  readonly runs: number;
  readonly of: number;
  readonly findings: number;
}

/** What the check found. */
export interface VerifyReport {
  readonly ok: boolean;
  /** The first ones; see `found` for how many there were. */
  readonly findings: readonly Finding[];
  /** How many findings there were of each kind. */
  readonly found: Readonly<Partial<Record<InvariantCode, number>>>;
  readonly runs: number;
  readonly runsByStatus: Readonly<Record<string, number>>;
  readonly events: number;
  readonly tasks: number;
  /** Dispatches of tasks beyond their first: by failures, losses, and messages that were lost. */
  readonly repeatedAttempts: number;
  /** Runs whose output was compared with those of its tasks; templates of outputs are not evaluated here. */
  readonly outputsCompared: number;
  readonly tookMs: number;
}

const MAX_FINDINGS = 1_000;

/**
 * Checks every invariant of a database of Mainstay, in one read-only snapshot and in bounded memory, also while the system runs.
 * Rejects with POSTGRES_UNAVAILABLE, SCHEMA_TOO_OLD, SCHEMA_TOO_NEW, or the reason of the signal.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const begun = performance.now();
  return withSnapshot(options, async (client) => {
    await checkSchema(client);
    const check = new Check(options);
    await check.all(client);
    return { ...check.report(), tookMs: Math.round(performance.now() - begun) };
  });
}

/** Sums of a check under way. */
class Check {
  readonly #options: VerifyOptions;
  readonly #findings: Finding[] = [];
  readonly #found: Partial<Record<InvariantCode, number>> = {};
  #count = 0;
  #runs = 0;
  #events = 0;
  #tasks = 0;
  #repeats = 0;
  #outputs = 0;
  #byStatus: Readonly<Record<string, number>> = {};

  constructor(options: VerifyOptions) {
    this.#options = options;
  }

  async all(client: Client): Promise<void> {
    const { signal, onProgress } = this.#options;
    this.#byStatus = await countRuns(client);
    const of = Object.values(this.#byStatus).reduce((sum, n) => sum + n, 0);
    const tell = (): void => onProgress?.({ runs: this.#runs, of, findings: this.#count });
    const loader = new RunLoader(client);
    tell();
    for await (const ids of runGroups(client)) {
      signal?.throwIfAborted();
      for (const facts of await loader.load(ids)) this.#note(checkRun(facts));
      tell();
    }
    this.#take(await checkSlots(client));
    for (const table of BELONGINGS) this.#take(await findOrphans(client, table));
  }

  report(): Omit<VerifyReport, 'tookMs'> {
    return {
      ok: this.#count === 0,
      findings: this.#findings,
      found: this.#found,
      runs: this.#runs,
      runsByStatus: this.#byStatus,
      events: this.#events,
      tasks: this.#tasks,
      repeatedAttempts: this.#repeats,
      outputsCompared: this.#outputs,
    };
  }

  #note({ findings, events, tasks, repeats, outputCompared }: ReturnType<typeof checkRun>): void {
    this.#runs++;
    this.#events += events;
    this.#tasks += tasks;
    this.#repeats += repeats;
    if (outputCompared) this.#outputs++;
    this.#take(findings);
  }

  #take(findings: readonly Finding[]): void {
    const { maxFindings = MAX_FINDINGS, onFinding } = this.#options;
    for (const finding of findings) {
      this.#count++;
      this.#found[finding.code] = (this.#found[finding.code] ?? 0) + 1;
      if (this.#findings.length >= maxFindings) continue;
      this.#findings.push(finding);
      onFinding?.(finding);
    }
  }
}
