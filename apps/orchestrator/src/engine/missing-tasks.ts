import type { Transport } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import type { AttemptRow, Store } from '../store/store.ts';
import type { MissingKind } from './engine.ts';
import type { WaitingTasks } from './engine-metrics.ts';
import { attemptKey, type Members } from './members.ts';

export interface MissingTasksDeps {
  readonly store: Store;
  readonly transport: Transport;
  readonly members: Members;
  readonly clock: Clock;
  /** A dispatched task that no lane and no worker has for so long is missing. */
  readonly missingMs: number;
  /** Metrics: after each look, what waits. */
  readonly onWaiting?: (tasks: readonly WaitingTasks[]) => void;
}

interface Suspect extends AttemptRow {
  readonly agent: string;
}

const PAGE = 500;
/** A count that takes longer than this is taken less often. */
const COSTLY_MS = 20;

/**
 * The last resort against losses that nothing else notices (a fail-over to a replica that lagged, a refused result): when the
 * lanes of a kind hold nothing unread, each dispatched task must be with a live worker.
 */
export class MissingTasks {
  readonly #deps: MissingTasksDeps;
  #kinds: readonly MissingKind[] = [];
  /** Attempts that nobody seemed to have at the last look. */
  #suspects: ReadonlySet<string> = new Set();
  /** Their agent kinds. */
  #suspectKinds: ReadonlySet<string> = new Set();
  #outstanding = 0;
  #tookMs = 0;

  constructor(deps: MissingTasksDeps) {
    this.#deps = deps;
  }

  /** Agent kinds for which tasks wait although no live worker offers them, as of the last look. */
  get kinds(): readonly MissingKind[] {
    return this.#kinds;
  }

  /** Attempts that were dispatched or running at the last look. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** So much is outstanding that counting it often would cost too much. */
  get costly(): boolean {
    return this.#tookMs > COSTLY_MS;
  }

  /**
   * Attempts that two looks in a row found nowhere. What a worker has begun is looked for only at a thorough look, and at the one
   * after it: long work is no sign of a loss, and finding it costs something.
   */
  async look(thorough: boolean): Promise<readonly AttemptRow[]> {
    const { store, transport, members, clock, missingMs } = this.#deps;
    const begun = clock.monotonic();
    const outstanding = await store.outstanding();
    this.#tookMs = clock.monotonic() - begun;
    this.#outstanding = outstanding.reduce((sum, { dispatched, running }) => sum + dispatched + running, 0);
    const live = members.liveKinds();
    this.#kinds = outstanding.flatMap(({ agent, dispatched, oldestAt }) =>
      dispatched > 0 && !live.has(agent) ? [{ agent, waiting: dispatched, since: oldestAt ?? store.now() }] : [],
    );
    this.#deps.onWaiting?.(waitingOf(outstanding, live, store.now()));
    const before = store.now() - missingMs;
    const isSuspicious = ({ agent, running, oldestAt }: (typeof outstanding)[number]): boolean =>
      (oldestAt !== undefined && oldestAt < before) || (running > 0 && (thorough || this.#suspectKinds.has(agent)));
    const suspicious = outstanding.filter(isSuspicious).map(({ agent }) => agent);
    const missing = suspicious.length === 0 || !transport.up ? [] : await this.#withNobody(suspicious, before);
    const twice = missing.filter((attempt) => this.#suspects.has(attemptKey(attempt)));
    this.#suspects = new Set(missing.map(attemptKey));
    this.#suspectKinds = new Set(missing.map(({ agent }) => agent));
    return twice;
  }

  /** Old dispatches of kinds without unread tasks that no live worker says it has. A worker may have read one just now: two looks must agree. */
  async #withNobody(agents: readonly string[], before: number): Promise<Suspect[]> {
    const { store, transport, members } = this.#deps;
    const depths = await transport.depths(agents);
    const attempts: Suspect[] = [];
    for (const agent of agents)
      if ((depths.get(agent)?.waiting ?? 0) === 0)
        for (const attempt of await store.dispatchedBefore(agent, before, PAGE)) attempts.push({ ...attempt, agent });
    const running = members.runningAttempts();
    return attempts.filter((attempt) => !running.has(attemptKey(attempt)));
  }
}

type Outstanding = Awaited<ReturnType<Store['outstanding']>>;

function waitingOf(outstanding: Outstanding, live: ReadonlySet<string>, now: number): WaitingTasks[] {
  return outstanding.flatMap(({ agent, dispatched, oldestAt }) =>
    oldestAt === undefined ? [] : [{ agent, oldestMs: Math.max(0, now - oldestAt), unserved: live.has(agent) ? 0 : dispatched }],
  );
}
