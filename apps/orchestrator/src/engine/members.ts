import type { AgentOffer, ControlMessage, Heartbeat } from '@mainstay/types';
import type { WorkerInfo } from './engine.ts';
import type { Wishes } from './news.ts';

interface Seen {
  /** Own monotonic clock. */
  heardAt: number;
  /** Since when the process holds no subscription; undefined while it does. */
  absentSince: number | undefined;
}

interface KnownWorker extends Seen {
  beat: Heartbeat;
  heardAtWall: number;
}

interface KnownOrchestrator extends Seen {
  draining: boolean;
  /** It cannot reach the store: {@link OrchestratorBeat}. */
  aside: boolean;
  watches: readonly string[] | undefined;
}

type OrchestratorBeat = Pick<Extract<ControlMessage, { type: 'orchestrator' }>, 'name' | 'draining' | 'aside' | 'watches'>;

/** What this orchestrator says of itself: `aside`: it cannot reach the store, and leaves its share to others if it can. */
export type Part = 'takes-part' | 'aside' | 'draining';

export interface MembersOptions {
  readonly self: string;
  /** A worker whose heartbeats stop for so long has lost its tasks. */
  readonly leaseMs: number;
  /** A process that holds no subscription for so long is dead. Long enough for a dropped connection to be made anew. */
  readonly absentMs: number;
}

/** A worker that must give up its tasks. `died`: it is gone; `silent`: it is connected, but does not work. */
export interface LostWorker {
  readonly name: string;
  readonly reason: 'died' | 'silent';
}

/**
 * Who is alive: workers and orchestrators as their heartbeats and their presence show them. Pure bookkeeping; times are
 * passed in (`now`: own monotonic clock, milliseconds).
 */
export class Members {
  readonly #options: MembersOptions;
  readonly #workers = new Map<string, KnownWorker>();
  readonly #orchestrators = new Map<string, KnownOrchestrator>();
  /** Orchestrators that fell silent while they were present, and were not heard since. */
  readonly #silent = new Set<string>();
  readonly #offers = new Map<string, readonly AgentOffer[]>();
  #merged: ReadonlyMap<string, AgentOffer> | undefined;
  #wishes: Wishes | undefined;

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  get leaseMs(): number {
    return this.#options.leaseMs;
  }

  get self(): string {
    return this.#options.self;
  }

  heartbeat(beat: Heartbeat, now: number, wallNow: number): { readonly isNew: boolean } {
    const isNew = !this.#workers.has(beat.worker);
    this.#workers.set(beat.worker, { beat, heardAt: now, heardAtWall: wallNow, absentSince: undefined });
    if (beat.offers !== undefined) this.#setOffers(beat.worker, beat.offers);
    return { isNew };
  }

  /** A sign of life of an orchestrator. `changed`: it came, began to shut down, or takes another part. */
  orchestrator(beat: OrchestratorBeat, now: number): { readonly isNew: boolean; readonly changed: boolean } {
    const { name, watches } = beat;
    const aside = beat.aside === true;
    const draining = beat.draining && !aside;
    if (name === this.#options.self) return { isNew: false, changed: false };
    const known = this.#orchestrators.get(name);
    this.#silent.delete(name);
    this.#orchestrators.set(name, { heardAt: now, absentSince: undefined, draining, aside, watches });
    this.#wishes = undefined;
    return { isNew: known === undefined, changed: known?.draining !== draining || known.aside !== aside };
  }

  /** What other orchestrators want to be told of. One that does not say is told everything. */
  wishes(): Wishes {
    this.#wishes ??= this.#othersWishes();
    return this.#wishes;
  }

  #othersWishes(): Wishes {
    const all = [...this.#orchestrators.values()];
    const wanted = (what: string): boolean => all.some(({ watches }) => watches === undefined || watches.includes(what));
    return { events: wanted('events'), ends: wanted('ends') };
  }

  /** All names whose presence is worth asking for, this process first. */
  names(): string[] {
    return [this.#options.self, ...this.#orchestrators.keys(), ...this.#workers.keys()];
  }

  /** Orchestrators that are alive, this one included, sorted. */
  orchestrators(): string[] {
    return [this.#options.self, ...this.#orchestrators.keys()].sort();
  }

  /** Takes the answer of a presence check. An answer without this process itself says nothing: the carrier has just restarted. */
  presence(present: ReadonlySet<string>, now: number): void {
    if (!present.has(this.#options.self)) return;
    for (const known of [this.#workers, this.#orchestrators]) {
      for (const [name, seen] of known) seen.absentSince = present.has(name) ? undefined : (seen.absentSince ?? now);
    }
  }

  /** After an interruption of the connection everybody gets a new term: what was missed says nothing about them. */
  renewTerms(now: number): void {
    for (const known of [this.#workers, this.#orchestrators]) {
      for (const seen of known.values()) {
        seen.heardAt = now;
        seen.absentSince = undefined;
      }
    }
  }

  /** Workers that died or fell silent. They are listed until {@link removeWorker}. */
  lostWorkers(now: number): LostWorker[] {
    const lost: LostWorker[] = [];
    for (const [name, seen] of this.#workers) {
      if (this.#isAbsent(seen, now)) lost.push({ name, reason: 'died' });
      else if (now - seen.heardAt >= this.#options.leaseMs) lost.push({ name, reason: 'silent' });
    }
    return lost;
  }

  removeWorker(name: string): void {
    this.#workers.delete(name);
    if (this.#offers.delete(name)) this.#merged = undefined;
  }

  #setOffers(worker: string, offers: readonly AgentOffer[]): void {
    this.#offers.delete(worker);
    this.#offers.set(worker, offers);
    this.#merged = undefined;
  }

  /** Orchestrators that died or were stopped; they are forgotten. */
  takeLostOrchestrators(now: number): string[] {
    const lost = [...this.#orchestrators]
      .filter(([, seen]) => this.#isAbsent(seen, now) || now - seen.heardAt >= this.#options.leaseMs)
      .map(([name]) => name);
    for (const name of lost) {
      if (this.#orchestrators.get(name)?.absentSince === undefined) this.#silent.add(name);
      this.#orchestrators.delete(name);
    }
    if (lost.length > 0) this.#wishes = undefined;
    return lost;
  }

  #isAbsent(seen: Seen, now: number): boolean {
    return seen.absentSince !== undefined && now - seen.absentSince >= this.#options.absentMs;
  }

  /**
   * Orchestrators that share the work, sorted. Those that cannot reach the store have a share only where nobody can, and one that
   * shuts down only while it is the last.
   */
  sharers(self: Part): string[] {
    const parts = new Map<string, Part>([[this.#options.self, self]]);
    for (const [name, { draining, aside }] of this.#orchestrators) parts.set(name, draining ? 'draining' : aside ? 'aside' : 'takes-part');
    const of = (part: Part): string[] => [...parts].filter(([, its]) => its === part).map(([name]) => name);
    const able = of('takes-part');
    if (able.length > 0) return able.sort();
    const aside = of('aside');
    return aside.length > 0 ? aside.sort() : [this.#options.self];
  }

  /** Whether others are there that go on when this orchestrator shuts down. */
  get hasSuccessor(): boolean {
    return [...this.#orchestrators.values()].some(({ draining }) => !draining);
  }

  /** Other orchestrators that say that they cannot reach the store, or fell silent: what they begin does not go on by itself. */
  stuck(): string[] {
    const aside = [...this.#orchestrators].filter(([, seen]) => seen.aside).map(([name]) => name);
    return [...aside, ...this.#silent];
  }

  /** It is gone for good. */
  forget(orchestrator: string): void {
    this.#silent.delete(orchestrator);
  }

  isAside(name: string): boolean {
    return this.#orchestrators.get(name)?.aside === true;
  }

  isKnown(name: string): boolean {
    return name === this.#options.self || this.#workers.has(name) || this.#orchestrators.has(name);
  }

  isOrchestrator(name: string): boolean {
    return name === this.#options.self || this.#orchestrators.has(name);
  }

  /** Whether this is the only orchestrator that is known. */
  get alone(): boolean {
    return this.#orchestrators.size === 0;
  }

  get workerCount(): number {
    return this.#workers.size;
  }

  hasWorker(name: string): boolean {
    return this.#workers.has(name);
  }

  /** Attempts that live workers say they run, as `run\ntask\nfence`. */
  runningAttempts(): Set<string> {
    const running = new Set<string>();
    for (const { beat } of this.#workers.values()) for (const attempt of beat.running) running.add(attemptKey(attempt));
    return running;
  }

  /** Live workers that are shutting down and still hold attempts. */
  drainingWorkers(): number {
    let count = 0;
    for (const { beat, absentSince } of this.#workers.values())
      if (beat.draining && beat.running.length > 0 && absentSince === undefined) count++;
    return count;
  }

  liveKinds(): Set<string> {
    return new Set([...this.#workers.values()].filter(({ beat }) => !beat.draining).flatMap(({ beat }) => beat.kinds));
  }

  /** One offer per kind; where workers differ, that of the one that announced its own last. */
  offers(): ReadonlyMap<string, AgentOffer> {
    this.#merged ??= new Map([...this.#offers.values()].flat().map((offer) => [offer.kind, offer]));
    return this.#merged;
  }

  workers(): WorkerInfo[] {
    return [...this.#workers.values()]
      .map(({ beat, heardAtWall }) => ({
        name: beat.worker,
        host: beat.host,
        pid: beat.pid,
        version: beat.version,
        startedAt: beat.startedAt,
        kinds: beat.kinds,
        capacity: beat.capacity,
        running: beat.running.length,
        draining: beat.draining,
        rssBytes: beat.rssBytes,
        lastHeartbeatAt: heardAtWall,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

export function attemptKey(attempt: { readonly run: string; readonly task: string; readonly fence: number }): string {
  return `${attempt.run}\n${attempt.task}\n${attempt.fence}`;
}
