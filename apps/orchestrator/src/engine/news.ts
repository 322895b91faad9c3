import type { Transport } from '@mainstay/transport';
import { type ControlMessage, MESSAGE_VERSION } from '@mainstay/types';
import { type Change, type FinalRunStatus, FINAL_RUN_STATUSES, type RunStatus } from '../pipeline/model.ts';
import type { RunEnd } from '../store/store.ts';
import { Watchers } from './watchers.ts';

/** What an orchestrator wants to hear from the others. */
export interface Wishes {
  readonly events: boolean;
  readonly ends: boolean;
}

export interface NewsDeps {
  readonly transport: Transport;
  /** What the other orchestrators want to hear, together. */
  readonly othersWish: () => Wishes;
  /** What this one wants to hear has changed: the others should know at once. */
  readonly onWish: () => void;
}

type Told = Extract<ControlMessage, { type: 'events' }>['runs'];

/**
 * Tells who listens, here and at other orchestrators, what was committed. What nobody listens to costs nothing; news to
 * others may get lost.
 */
export class News {
  readonly #deps: NewsDeps;
  readonly #runs = new Watchers();
  readonly #ends = new Watchers<readonly RunEnd[]>();

  constructor(deps: NewsDeps) {
    this.#deps = deps;
  }

  onEvents(run: string, listener: () => void): () => void {
    return this.#watch(this.#runs, run, listener);
  }

  onEnded(tenant: string, listener: (ends: readonly RunEnd[]) => void): () => void {
    return this.#watch(this.#ends, tenant, listener);
  }

  /** As the sign of life says it. */
  wishes(): string[] {
    return [...(this.#runs.size > 0 ? ['events'] : []), ...(this.#ends.size > 0 ? ['ends'] : [])];
  }

  /** These changes are on disk. */
  committed(changes: readonly Change[]): void {
    if (this.#runs.size > 0) for (const { state } of changes) this.#runs.notify(state.id);
    if (this.#ends.size > 0) this.#tellEnds(changes.flatMap(endOf));
    this.#tellOthers(changes);
  }

  /** Another orchestrator tells what it committed. */
  heard(runs: Told): void {
    if (this.#runs.size > 0) for (const { run } of runs) this.#runs.notify(run);
    if (this.#ends.size > 0) {
      this.#tellEnds(runs.flatMap(({ run, tenant, ended }) => (ended === undefined ? [] : [{ tenant, end: { run, ...ended } }])));
    }
  }

  /** Events may have been missed. */
  missed(): void {
    this.#runs.notifyAll();
  }

  #watch<N>(watchers: Watchers<N>, key: string, listener: (news: N) => void): () => void {
    const first = watchers.size === 0;
    const end = watchers.add(key, listener);
    if (first) this.#deps.onWish();
    return end;
  }

  #tellEnds(ends: readonly { readonly tenant: string; readonly end: RunEnd }[]): void {
    const byTenant = new Map<string, RunEnd[]>();
    for (const { tenant, end } of ends) {
      if (!this.#ends.has(tenant)) continue;
      const known = byTenant.get(tenant);
      if (known === undefined) byTenant.set(tenant, [end]);
      else known.push(end);
    }
    for (const [tenant, news] of byTenant) this.#ends.notify(tenant, news);
  }

  #tellOthers(changes: readonly Change[]): void {
    const { othersWish, transport } = this.#deps;
    const wishes = othersWish();
    if (!wishes.events && !wishes.ends) return;
    const runs: Told = [];
    for (const change of changes) {
      const [ended] = endOf(change);
      if (ended === undefined && !wishes.events) continue;
      const { id: run, tenant, seq: last } = change.state;
      runs.push({ run, tenant, last, ...(ended === undefined ? {} : { ended: { status: ended.end.status, at: ended.end.at } }) });
    }
    if (runs.length === 0) return;
    transport.publish('orchestrators', { v: MESSAGE_VERSION, type: 'events', runs }).catch(() => undefined); // Listeners also look by themselves now and then.
  }
}

/** The end of the run, if this change is it. */
function endOf({ before, state }: Change): { readonly tenant: string; readonly end: RunEnd }[] {
  const { id, tenant, status, finishedAt } = state;
  if (finishedAt === undefined || !isFinal(status) || FINAL_RUN_STATUSES.has(before.status)) return [];
  return [{ tenant, end: { run: id, status, at: finishedAt } }];
}

function isFinal(status: RunStatus): status is FinalRunStatus {
  return FINAL_RUN_STATUSES.has(status);
}
