import type { StageModel } from './run-model.ts';

/** Smaller is shown first when there is no room for all. */
function rank({ status }: StageModel): number {
  switch (status) {
    case 'running':
    case 'waiting':
      return 0;
    case 'failed':
    case 'dead':
    case 'ready':
      return 1;
    case 'dispatched':
      return 2;
    case 'pending':
      return 4;
    default:
      return 3;
  }
}

/** The stages that fit into `rows` lines, in their order, and the others in words. */
export function chooseStages(
  stages: readonly StageModel[],
  rows: number,
): { readonly shown: readonly StageModel[]; readonly hidden: string } {
  if (stages.length <= rows) return { shown: stages, hidden: '' };
  const ranked = stages.map((stage, index) => ({ stage, index, rank: rank(stage) }));
  // of those that are done, the latest are the most interesting
  ranked.sort((a, b) => a.rank - b.rank || (a.rank === 3 ? b.index - a.index : a.index - b.index));
  const kept = ranked.slice(0, Math.max(1, rows - 1)).sort((a, b) => a.index - b.index);
  const counts = new Map<string, number>();
  for (const { stage } of ranked.slice(kept.length)) counts.set(stage.status, (counts.get(stage.status) ?? 0) + 1);
  const hidden = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
  return { shown: kept.map(({ stage }) => stage), hidden: `… ${stages.length - kept.length} more stages: ${hidden}` };
}
