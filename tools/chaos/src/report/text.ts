import type { ChaosReport } from './chaos-report.ts';
import { FAULT_KINDS } from '../faults/kinds.ts';
import type { Spread } from './recovery.ts';

const NONE = '–';

/** A duration in a report: `0.35 s`. */
export function seconds(ms: number | undefined): string {
  return ms === undefined ? NONE : `${(ms / 1_000).toFixed(2)} s`;
}

/** Rows with aligned columns; the first column to the left, the others to the right. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

export function kindRows(report: ChaosReport): readonly (readonly string[])[] {
  const spread = (value: Spread | undefined): readonly string[] => [seconds(value?.p50), seconds(value?.p99), seconds(value?.max)];
  return [
    ['FAULT', 'TIMES', 'SURVIVED', 'ALONE', 'INTERRUPTED', 'P50', 'P99', 'MAX', 'BOUND', ''],
    ...report.kinds.map((kind) => [
      kind.kind,
      String(kind.faults),
      String(kind.survived),
      String(kind.alone),
      String(kind.interrupted),
      ...spread(kind.recoveredMs),
      seconds(kind.boundMs),
      kind.held ? '' : 'slow',
    ]),
  ];
}

/** Sums of a drill, one per line. */
export function sumLines({ runs, steps, faults, durationMs, seed, verify, leaks }: ChaosReport): readonly string[] {
  const n = (value: number): string => value.toLocaleString('en');
  return [
    `seed ${String(seed)}, ${(durationMs / 1_000).toFixed(0)} s, ${n(faults.length)} faults`,
    `${n(runs.accepted)} runs accepted: ${n(runs.lost)} lost, ${n(runs.wrong)} ended wrongly; ${n(runs.refused)} submissions given up`,
    `${n(steps.done)} steps done: ${n(steps.duplicated)} committed twice, ${n(steps.repeatedAttempts)} attempts repeated, ${n(steps.repeatedEffects)} effects repeated`,
    `${n(verify.runs)} runs and ${n(verify.events)} events checked: ${n(verify.findings.length)} findings; ${n(leaks.length)} leaks`,
  ];
}

export function reportText(report: ChaosReport): string {
  const skipped = report.skipped.map(({ kind, why }) => `not done: ${kind} (${FAULT_KINDS[kind].says}): ${why}\n`).join('');
  const problems = report.problems.map((problem) => `PROBLEM  ${problem}\n`).join('');
  const slow = report.slow.map((one) => `slow     ${one}\n`).join('');
  return `\nTime until everything went on again, by kind of fault:\n${tableText(kindRows(report))}\n${sumLines(report).join('\n')}\n${skipped}${slow}${problems}${verdict(report)}\n`;
}

/** The last line: what holds, and what does not. */
export function verdict({ ok, problems }: Pick<ChaosReport, 'ok' | 'problems'>): string {
  if (problems.length > 0) return 'FAILED';
  return ok
    ? 'nothing was lost, nothing was done twice'
    : 'FAILED: nothing was lost, nothing was done twice, but it took longer than it may';
}
