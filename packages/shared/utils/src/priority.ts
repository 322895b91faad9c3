/** What is served first, and shed last. */
export type Priority = 'high' | 'normal' | 'low';

/** From the most important. */
export const PRIORITIES = ['high', 'normal', 'low'] as const satisfies readonly Priority[];

/** Turns that a priority gets while all of them wait: the low ones are slow then, but they never stand still. */
export const PRIORITY_TURNS: Readonly<Record<Priority, number>> = Object.freeze({ high: 16, normal: 4, low: 1 });
