import type { Spread } from '../report/recovery.ts';
import { tableText } from '../report/text.ts';
import type { RollingReport } from './run-rolling.ts';

export function rollingText(report: RollingReport): string {
  const row = (when: string, spread: Spread | undefined): readonly string[] => [when, ms(spread?.p50), ms(spread?.p99), ms(spread?.max)];
  const { api, requests, failedRequests, perSecond, restarts, streams, brokenStreams, lostAttempts, lostRuns, verify } = report;
  return `
Answer times of POST /api/v1/runs at ${String(perSecond)} requests/s:
${tableText([['', 'P50', 'P99', 'MAX'], row('before', api.before), row('during', api.during), row('after', api.after)])}
${String(restarts.length)} restarts; ${requests.toLocaleString('en')} requests, ${String(failedRequests)} failed
${String(streams)} streams watched to the end of their run, ${String(brokenStreams)} broken
${String(lostAttempts)} attempts lost, ${String(lostRuns)} runs lost; ${verify.runs.toLocaleString('en')} runs checked, ${String(verify.findings.length)} findings
${report.problems.map((problem) => `PROBLEM  ${problem}\n`).join('')}${report.ok ? 'nobody noticed' : 'FAILED'}
`;
}

function ms(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(1)} ms`;
}
