/** One part of a system and how well it is. */
export interface HealthComponent {
  readonly name: string;
  /** 0 (gone) to 1 (healthy). */
  readonly value: number;
  /** Above 0. Default 1. */
  readonly weight?: number;
  /** Without it nothing works: the score is never above its value. Default false. */
  readonly vital?: boolean;
}

/** What a component took from the score. */
export interface HealthCost {
  readonly name: string;
  readonly value: number;
  readonly cost: number;
}

export interface HealthScore {
  /** 0 to 1. */
  readonly score: number;
  /** The dearest first; they add up to 1 − score. */
  readonly costs: readonly HealthCost[];
}

/**
 * The weighted mean of the components, but never above the least vital one. Each component's cost is its weight times what it
 * lacks; what a vital one takes beyond the mean is its own cost. Values outside 0 to 1 are cut, and those that are no number
 * count as 0. Without components the score is 1.
 */
export function healthScore(components: readonly HealthComponent[]): HealthScore {
  const parts = components.map(({ name, value, weight = 1, vital = false }) => ({ name, value: unit(value), weight, vital }));
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (total <= 0) return { score: 1, costs: [] };
  const mean = parts.reduce((sum, { value, weight }) => sum + (weight / total) * value, 0);
  const [least] = parts.filter(({ vital }) => vital).sort((a, b) => a.value - b.value);
  const capped = least !== undefined && least.value < mean ? mean - least.value : 0;
  const costs = parts.map((part) => ({
    name: part.name,
    value: part.value,
    cost: (part.weight / total) * (1 - part.value) + (part === least ? capped : 0),
  }));
  return { score: unit(mean - capped), costs: costs.sort((a, b) => b.cost - a.cost) };
}

/** 1 up to `good`, 0 from `bad` on, a straight line between. For what is better the less there is. */
export function decline(amount: number, good: number, bad: number): number {
  return unit((bad - amount) / (bad - good));
}

function unit(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value));
}
