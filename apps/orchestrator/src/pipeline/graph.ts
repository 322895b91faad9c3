import type { DefinitionIssue } from './definition-issue.ts';
import type { Stage } from './model.ts';

/** The stages' order and relations, and what is wrong with them. */
export interface Graph {
  /** Indexes of stages, each after those it needs; without those in or behind a cycle. */
  readonly order: readonly number[];
  /** Ids of the stages that need the one with this index, by index. */
  readonly dependents: readonly (readonly string[])[];
  /** True when the stage with the first index needs the other, also through others. */
  readonly isAncestor: (stage: number, other: number) => boolean;
  readonly index: ReadonlyMap<string, number>;
  readonly issues: readonly DefinitionIssue[];
}

/** Resolves needs. Linear in stages and needs; no recursion. */
export function resolveGraph(stages: readonly Stage[]): Graph {
  const issues: DefinitionIssue[] = [];
  const index = indexStages(stages, issues);
  const needs = stages.map((stage, at) => resolveNeeds(stage, at, index, issues));
  const dependents: string[][] = stages.map(() => []);
  needs.forEach((indexes, at) => {
    for (const need of indexes) dependents[need]?.push(stages[at]?.id ?? '');
  });
  const order = sort(needs);
  if (order.length < stages.length) issues.push(describeCycle(stages, needs, new Set(order)));
  return { order, dependents, isAncestor: ancestors(needs, order), index, issues };
}

function indexStages(stages: readonly Stage[], issues: DefinitionIssue[]): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  stages.forEach(({ id }, at) => {
    const first = index.get(id);
    if (first === undefined) index.set(id, at);
    else
      issues.push({
        path: `/stages/${String(at)}/id`,
        code: 'DUPLICATE_STAGE',
        problem: `the id ${id} is already that of /stages/${String(first)}`,
      });
  });
  return index;
}

function resolveNeeds(stage: Stage, at: number, index: ReadonlyMap<string, number>, issues: DefinitionIssue[]): readonly number[] {
  const found = new Set<number>();
  stage.needs.forEach((need, position) => {
    const path = `/stages/${String(at)}/needs/${String(position)}`;
    const target = index.get(need);
    if (need === stage.id) issues.push({ path, code: 'SELF_NEED', problem: `the stage ${need} needs itself` });
    else if (target === undefined) issues.push({ path, code: 'UNKNOWN_NEED', problem: `there is no stage ${need}` });
    else if (found.has(target)) issues.push({ path, code: 'DUPLICATE_NEED', problem: `${need} is listed twice` });
    else found.add(target);
  });
  return [...found];
}

/** Kahn's algorithm; ties keep the order of the definition. */
function sort(needs: readonly (readonly number[])[]): readonly number[] {
  const missing = needs.map((list) => list.length);
  const behind: number[][] = needs.map(() => []);
  needs.forEach((list, at) => {
    for (const need of list) behind[need]?.push(at);
  });
  const order = missing.flatMap((count, at) => (count === 0 ? [at] : []));
  for (const done of order) {
    for (const next of behind[done] ?? []) {
      const left = (missing[next] ?? 0) - 1;
      missing[next] = left;
      if (left === 0) order.push(next);
    }
  }
  return order;
}

/** Follows needs from any stage that could not be ordered until one comes up again. */
function describeCycle(stages: readonly Stage[], needs: readonly (readonly number[])[], ordered: ReadonlySet<number>): DefinitionIssue {
  const path: number[] = [];
  const seen = new Map<number, number>();
  let at = stages.findIndex((_stage, i) => !ordered.has(i));
  while (!seen.has(at)) {
    seen.set(at, path.length);
    path.push(at);
    at = needs[at]?.find((need) => !ordered.has(need)) ?? at;
  }
  const cycle = [...path.slice(seen.get(at)), at].map((i) => stages[i]?.id ?? '');
  const shown = cycle.length <= 12 ? cycle : [...cycle.slice(0, 10), '…', ...cycle.slice(-1)];
  return { path: `/stages/${String(at)}/needs`, code: 'CYCLE', problem: `the stages need each other in a circle: ${shown.join(' → ')}` };
}

/** Ancestors as one bit per stage and ancestor. */
function ancestors(needs: readonly (readonly number[])[], order: readonly number[]): (stage: number, other: number) => boolean {
  const words = Math.ceil(needs.length / 32);
  const rows = needs.map(() => new Uint32Array(words));
  for (const at of order) {
    const row = rows[at];
    for (const need of needs[at] ?? []) {
      const other = rows[need];
      if (row === undefined || other === undefined) continue;
      for (let word = 0; word < words; word++) row[word] = (row[word] ?? 0) | (other[word] ?? 0);
      row[need >>> 5] = (row[need >>> 5] ?? 0) | (1 << (need & 31));
    }
  }
  return (stage, other) => (((rows[stage]?.[other >>> 5] ?? 0) >>> (other & 31)) & 1) === 1;
}
