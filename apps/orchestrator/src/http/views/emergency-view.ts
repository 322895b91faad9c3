import type { z } from 'zod';
import type { emergencyView } from '../schemas/emergency.ts';
import type { Services } from '../services.ts';
import { iso } from './iso.ts';

/** Emergency mode of this process. */
export function viewEmergency({
  hardening,
  journal,
  engine,
}: Pick<Services, 'hardening' | 'journal' | 'engine'>): z.input<typeof emergencyView> {
  const { score, sample, decision } = hardening.health();
  const { state, active } = hardening.emergency;
  return {
    active,
    process: engine.name,
    triggers: state.mode === 'emergency' ? [...state.triggers] : [],
    score,
    memoryShare: sample.memoryShare,
    leastPriority: active ? 'high' : decision.leastPriority,
    recent: journal.recent().map(({ change, at, triggers, reason, by, actions }) => ({
      change,
      at: iso(at),
      triggers: [...triggers],
      ...(reason === undefined ? {} : { reason }),
      ...(by === undefined ? {} : { by }),
      ...(actions === undefined ? {} : { actions: actions.map((one) => ({ ...one })) }),
    })),
  };
}
