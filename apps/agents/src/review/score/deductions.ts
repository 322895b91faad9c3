import type { Component, Deduction } from '../model.ts';
import { clip } from '../tally.ts';

export interface Assessment {
  readonly id: Component['id'];
  readonly title: string;
  readonly weight: number;
  readonly measured: boolean;
  /** Those without points do not appear. */
  readonly deductions: readonly Deduction[];
  /** Why nothing was measured. */
  readonly notes: readonly string[];
}

/** 100 less the deductions, not below 0; null when nothing was measured. */
export function assess({ id, title, weight, measured, deductions, notes }: Assessment): Component {
  if (!measured) return { id, title, weight, score: null, deductions: [], note: clip(notes[0] ?? 'Not measured.', 600) };
  const kept = deductions
    .map(({ points, reason, where }) => ({ points: Math.round(points * 10) / 10, reason: clip(reason, 500), where: where.slice(0, 5) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
  const lost = kept.reduce((sum, { points }) => sum + points, 0);
  return { id, title, weight, score: Math.max(0, Math.round((100 - lost) * 10) / 10), deductions: kept, note: null };
}
