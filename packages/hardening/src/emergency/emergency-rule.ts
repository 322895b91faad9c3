import type { Profile } from '../profiles/profiles.ts';

/** Why a system is in an emergency. */
export const EMERGENCY_TRIGGERS = ['memory', 'health', 'threat', 'unhandled', 'manual', 'remote'] as const;
export type EmergencyTrigger = (typeof EMERGENCY_TRIGGERS)[number];

export interface EmergencyLimits {
  readonly memoryShare: number;
  readonly healthScore: number;
  /** Memory and health count when they held for so long without a break, in milliseconds. */
  readonly sustainedMs: number;
  /** To be over, memory has to be this much below its limit, and health this much above it. */
  readonly hysteresis: number;
  /** Everything has to be well for so long before it is over. */
  readonly calmMs: number;
  /** It never lasts shorter, unless a person ends it. */
  readonly minimumMs: number;
  /** After a person ended it, it does not begin by itself for so long. */
  readonly holdOffMs: number;
}

export function emergencyLimits(profile: Profile): EmergencyLimits {
  return { ...profile.emergency, sustainedMs: 3_000, hysteresis: 0.1, calmMs: 30_000, minimumMs: 30_000, holdOffMs: 60_000 };
}

export type EmergencyState =
  | { readonly mode: 'normal'; readonly troubleSinceMs?: number; readonly notBeforeMs: number }
  | {
      readonly mode: 'emergency';
      readonly sinceMs: number;
      readonly triggers: readonly EmergencyTrigger[];
      readonly calmSinceMs?: number;
    };

/** What is known at one moment. */
export interface EmergencySigns {
  readonly nowMs: number;
  readonly memoryShare: number;
  readonly healthScore: number;
  /** A critical threat was reported since the last look. */
  readonly threat?: boolean;
  /** Exceptions that nobody handled since the last look. */
  readonly unhandled?: number;
  /** A person, or a process that a person told, wants it so. Absent: nobody said anything since the last look. */
  readonly wish?: { readonly active: boolean; readonly remote: boolean };
  /** Another process is in an emergency that holds for all. */
  readonly held?: boolean;
}

export const calmState: EmergencyState = { mode: 'normal', notBeforeMs: Number.NEGATIVE_INFINITY };

/**
 * The pure step of emergency mode. A threat, an unhandled exception and a wish begin it at once; memory and health when they
 * held for a while. It ends when everything was well for a while; one that a person began ends only by a wish.
 */
export function stepEmergency(state: EmergencyState, signs: EmergencySigns, limits: EmergencyLimits): EmergencyState {
  return state.mode === 'normal' ? whileNormal(state, signs, limits) : whileEmergency(state, signs, limits);
}

type Normal = Extract<EmergencyState, { mode: 'normal' }>;
type Emergency = Extract<EmergencyState, { mode: 'emergency' }>;

function whileNormal(state: Normal, signs: EmergencySigns, limits: EmergencyLimits): EmergencyState {
  const { nowMs, wish } = signs;
  const { notBeforeMs } = state;
  if (wish?.active === true) return begun(nowMs, [wish.remote ? 'remote' : 'manual', ...triggersOf(signs, limits)]);
  if (wish?.active === false) return { mode: 'normal', notBeforeMs: nowMs + limits.holdOffMs };
  if (nowMs < notBeforeMs) return { mode: 'normal', notBeforeMs };
  const sudden = suddenTriggers(signs);
  if (sudden.length > 0) return begun(nowMs, triggersOf(signs, limits));
  const slow = triggersOf(signs, limits);
  if (slow.length === 0) return { mode: 'normal', notBeforeMs };
  const troubleSinceMs = state.troubleSinceMs ?? nowMs;
  return nowMs - troubleSinceMs >= limits.sustainedMs ? begun(nowMs, slow) : { mode: 'normal', troubleSinceMs, notBeforeMs };
}

function whileEmergency(state: Emergency, signs: EmergencySigns, limits: EmergencyLimits): EmergencyState {
  const { nowMs, wish } = signs;
  if (wish?.active === false) return { mode: 'normal', notBeforeMs: nowMs + limits.holdOffMs };
  const told = wish?.active === true ? [wish.remote ? ('remote' as const) : ('manual' as const)] : [];
  const triggers = [...new Set([...state.triggers, ...told, ...triggersOf(signs, limits)])];
  const { sinceMs } = state;
  const held = triggers.includes('manual') || (triggers.includes('remote') && signs.held === true);
  if (held || !isCalm(signs, limits)) return { mode: 'emergency', sinceMs, triggers };
  const calmSinceMs = state.calmSinceMs ?? nowMs;
  const over = nowMs - calmSinceMs >= limits.calmMs && nowMs - sinceMs >= limits.minimumMs;
  return over ? { mode: 'normal', notBeforeMs: nowMs } : { mode: 'emergency', sinceMs, triggers, calmSinceMs };
}

function begun(nowMs: number, triggers: readonly EmergencyTrigger[]): EmergencyState {
  return { mode: 'emergency', sinceMs: nowMs, triggers: [...new Set(triggers)] };
}

function suddenTriggers({ threat = false, unhandled = 0 }: EmergencySigns): EmergencyTrigger[] {
  return [...(threat ? (['threat'] as const) : []), ...(unhandled > 0 ? (['unhandled'] as const) : [])];
}

function triggersOf(signs: EmergencySigns, limits: EmergencyLimits): EmergencyTrigger[] {
  return [
    ...(signs.memoryShare > limits.memoryShare ? (['memory'] as const) : []),
    ...(signs.healthScore < limits.healthScore ? (['health'] as const) : []),
    ...suddenTriggers(signs),
  ];
}

function isCalm(signs: EmergencySigns, limits: EmergencyLimits): boolean {
  const { memoryShare, healthScore, hysteresis } = limits;
  return (
    signs.memoryShare <= memoryShare - hysteresis && signs.healthScore >= healthScore + hysteresis && suddenTriggers(signs).length === 0
  );
}
