import type { EmergencyRecord } from '@mainstay/hardening';
import type { WorkerEmergency } from '@mainstay/types';
import { type Clock, systemClock } from '@mainstay/utils';

/** The last emergencies of this process, for its heartbeats: orchestrators write them down. */
export interface OwnEmergencies {
  add(record: EmergencyRecord): void;
  /** Those of the last hour, the oldest first; eight at most. */
  recent(): readonly WorkerEmergency[];
}

/** So long an orchestrator may be away, or all of them, until one of them is missed. */
const TOLD_FOR_MS = 3_600_000;
const KEPT = 8;

export function ownEmergencies(clock: Clock = systemClock): OwnEmergencies {
  let kept: readonly { readonly emergency: WorkerEmergency; readonly untilMs: number }[] = [];
  const current = () => kept.filter(({ untilMs }) => clock.monotonic() < untilMs);
  return {
    add({ change, at, triggers, reason, by }) {
      if (change === 'acted') return;
      const emergency: WorkerEmergency = {
        ...{ at, change, triggers: [...triggers] },
        ...(reason !== undefined && { reason: reason.slice(0, 1_000) }),
        ...(by !== undefined && { by: by.slice(0, 200) }),
      };
      kept = [...current(), { emergency, untilMs: clock.monotonic() + TOLD_FOR_MS }].slice(-KEPT);
    },
    recent() {
      if (kept.length > 0) kept = current();
      return kept.map(({ emergency }) => emergency);
    },
  };
}
