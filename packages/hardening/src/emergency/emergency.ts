import { type Clock, systemClock, withTimeout } from '@mainstay/utils';
import { type ActionHandlers, type ActionResult, runActions } from './emergency-actions.ts';
import {
  calmState,
  type EmergencyLimits,
  type EmergencySigns,
  type EmergencyState,
  type EmergencyTrigger,
  stepEmergency,
} from './emergency-rule.ts';

/** What is written down of an emergency, and told to the others. */
export interface EmergencyRecord {
  /** The process that the emergency is in. */
  readonly process: string;
  readonly change: 'entered' | 'left' | 'acted';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly triggers: readonly EmergencyTrigger[];
  /** Given by the person who asked for it. */
  readonly reason?: string;
  readonly by?: string;
  readonly actions?: readonly ActionResult[];
}

/** Tells all processes. Those that do not hear of it again for `ttlMs` forget it: the one that told them may be dead. */
export interface EmergencyAnnouncement {
  readonly process: string;
  readonly active: boolean;
  readonly reason: string;
  readonly by: string;
  readonly ttlMs: number;
}

export interface EmergencyPorts {
  /** Writes an audit record. A failure keeps nothing from happening, and goes to `onTrouble`. */
  readonly audit?: (record: EmergencyRecord) => Promise<void> | void;
  /** Tells the other processes of an emergency that a person declared. */
  readonly announce?: (announcement: EmergencyAnnouncement) => Promise<void> | void;
  readonly actions?: ActionHandlers;
  readonly onChange?: (record: EmergencyRecord) => void;
  /** A port that failed. */
  readonly onTrouble?: (what: string, error: unknown) => void;
}

export interface EmergencyOptions extends EmergencyPorts {
  readonly limits: EmergencyLimits;
  /** Name of this process in records. Default `process`. */
  readonly process?: string;
  /** Each action and each port has so long. Default 5,000. */
  readonly actionTimeoutMs?: number;
  /** See {@link EmergencyAnnouncement}. Default 60,000; announced again in a third of it. */
  readonly announcementTtlMs?: number;
  readonly clock?: Clock;
}

/** Emergency mode of one process. */
export interface Emergency {
  readonly active: boolean;
  readonly state: EmergencyState;
  /** Takes in a look at the process; to be called with every sample. */
  observe(signs: Omit<EmergencySigns, 'nowMs' | 'wish' | 'held'>): void;
  /** Begins an emergency in all processes, until it is left. Resolves when the actions were done. */
  enter(reason: string, by: string): Promise<readonly ActionResult[]>;
  /** Ends it, whatever began it; it does not begin by itself for a while. */
  leave(reason: string, by: string): Promise<void>;
  /** What another process announced. Its own announcements are left out. */
  heard(announcement: EmergencyAnnouncement): void;
  /** Reports a critical threat. */
  threat(): void;
  /** Reports an exception that nobody handled. */
  unhandled(): void;
  /** Waits for actions and records that are under way. */
  settled(): Promise<void>;
}

export function createEmergency(options: EmergencyOptions): Emergency {
  return new EmergencyMode(options);
}

const NOBODY = { reason: '', by: '' };

class EmergencyMode implements Emergency {
  readonly #options: EmergencyOptions;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #ttlMs: number;
  #state: EmergencyState = calmState;
  #seen: Pick<EmergencySigns, 'memoryShare' | 'healthScore'> = { memoryShare: 0, healthScore: 1 };
  #threat = false;
  #unhandled = 0;
  /** Until when each other process's emergency holds. */
  readonly #others = new Map<string, number>();
  #declared: { readonly reason: string; readonly by: string; toldAtMs: number } | undefined;
  /** Actions, one set after the other. */
  #work: Promise<unknown> = Promise.resolve();
  /** Records and announcements that are under way. */
  #told: Promise<unknown> = Promise.resolve();

  constructor(options: EmergencyOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = options.actionTimeoutMs ?? 5_000;
    this.#ttlMs = options.announcementTtlMs ?? 60_000;
  }

  get active(): boolean {
    return this.#state.mode === 'emergency';
  }

  get state(): EmergencyState {
    return this.#state;
  }

  observe(signs: Omit<EmergencySigns, 'nowMs' | 'wish' | 'held'>): void {
    this.#seen = signs;
    void this.#step({ threat: signs.threat ?? false, unhandled: signs.unhandled ?? 0 }, NOBODY);
    this.#repeat();
  }

  async enter(reason: string, by: string): Promise<readonly ActionResult[]> {
    const acted = this.#step({ wish: { active: true, remote: false } }, { reason, by });
    this.#declared = { reason, by, toldAtMs: this.#clock.monotonic() };
    this.#announce(true, reason, by);
    return await acted;
  }

  async leave(reason: string, by: string): Promise<void> {
    this.#others.clear();
    const acted = this.#step({ wish: { active: false, remote: false } }, { reason, by });
    this.#declared = undefined;
    this.#announce(false, reason, by);
    await acted;
  }

  heard({ process, active, reason, by, ttlMs }: EmergencyAnnouncement): void {
    if (process === this.#name) return;
    const known = this.#holding();
    if (active) this.#others.set(process, this.#clock.monotonic() + Math.min(ttlMs, 10 * this.#ttlMs));
    // a person ends it everywhere, whichever process was asked
    else this.#others.clear();
    if (active ? !known || !this.active : this.active) void this.#step({ wish: { active, remote: true } }, { reason, by });
    if (!active) this.#declared = undefined;
  }

  threat(): void {
    this.#threat = true;
    void this.#step({}, NOBODY);
  }

  unhandled(): void {
    this.#unhandled += 1;
    void this.#step({}, NOBODY);
  }

  async settled(): Promise<void> {
    await this.#work;
    await this.#told;
  }

  get #name(): string {
    return this.#options.process ?? 'process';
  }

  #holding(): boolean {
    const now = this.#clock.monotonic();
    for (const [process, untilMs] of this.#others) if (untilMs <= now) this.#others.delete(process);
    return this.#others.size > 0;
  }

  #step(signs: Partial<EmergencySigns>, who: { readonly reason: string; readonly by: string }): Promise<readonly ActionResult[]> {
    const before = this.#state;
    const nowMs = this.#clock.monotonic();
    const threat = this.#threat || signs.threat === true;
    const unhandled = this.#unhandled + (signs.unhandled ?? 0);
    this.#state = stepEmergency(before, { ...this.#seen, ...signs, threat, unhandled, held: this.#holding(), nowMs }, this.#options.limits);
    this.#threat = false;
    this.#unhandled = 0;
    if (before.mode === this.#state.mode) return Promise.resolve([]);
    return this.#changed(before, who);
  }

  #changed(before: EmergencyState, { reason, by }: { readonly reason: string; readonly by: string }): Promise<readonly ActionResult[]> {
    const entered = this.#state.mode === 'emergency';
    const triggers = this.#state.mode === 'emergency' ? this.#state.triggers : before.mode === 'emergency' ? before.triggers : [];
    const said = { ...(reason === '' ? {} : { reason }), ...(by === '' ? {} : { by }) };
    const record = { process: this.#name, at: this.#clock.now(), triggers, ...said };
    this.#tell({ ...record, change: entered ? 'entered' : 'left' });
    const acted = this.#work.then(async () => {
      const { actions = {} } = this.#options;
      const results = await runActions(entered ? 'enter' : 'leave', actions, { timeoutMs: this.#timeoutMs, clock: this.#clock });
      this.#tell({ ...record, at: this.#clock.now(), change: 'acted', actions: results });
      return results;
    });
    this.#work = acted;
    return acted;
  }

  #tell(record: EmergencyRecord): void {
    const { onChange, audit } = this.#options;
    try {
      onChange?.(record);
    } catch (error) {
      this.#trouble('onChange', error);
    }
    if (audit !== undefined) this.#bounded('audit', () => audit(record));
  }

  /** An emergency that somebody declared here is told again, so that processes that start later hear of it. */
  #repeat(): void {
    const now = this.#clock.monotonic();
    if (this.#declared === undefined || now - this.#declared.toldAtMs < this.#ttlMs / 3) return;
    this.#declared.toldAtMs = now;
    this.#announce(true, this.#declared.reason, this.#declared.by);
  }

  #announce(active: boolean, reason: string, by: string): void {
    const { announce } = this.#options;
    if (announce !== undefined) this.#bounded('announce', () => announce({ process: this.#name, active, reason, by, ttlMs: this.#ttlMs }));
  }

  /** Each has its time, and the actions do not wait for it. */
  #bounded(what: string, work: () => Promise<void> | void): void {
    const done = withTimeout(async () => work(), this.#timeoutMs, { name: what, clock: this.#clock }).catch((error: unknown) => {
      this.#trouble(what, error);
    });
    this.#told = Promise.all([this.#told, done]);
  }

  #trouble(what: string, error: unknown): void {
    this.#options.onTrouble?.(what, error);
  }
}
