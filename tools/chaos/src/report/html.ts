import { FAULT_KINDS } from '../faults/kinds.ts';
import type { ChaosReport } from './chaos-report.ts';
import { timelineSvg } from './timeline-svg.ts';
import { kindRows, seconds, sumLines, verdict } from './text.ts';

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2733;background:#fff}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #dde3ea}
th:first-child,td:first-child{text-align:left}.ok{color:#0a7d38}.bad{color:#b3261e}svg{max-width:100%;height:auto}`;

/** The report as one page that needs nothing else. */
export function reportHtml(report: ChaosReport): string {
  const faults = report.faults.map(({ kind, victim, beginAt, endAt, recoveredMs, interrupted }) => [
    `${((beginAt - report.beginAt) / 1_000).toFixed(1)} s`,
    FAULT_KINDS[kind].says,
    victim,
    seconds(endAt - beginAt),
    String(interrupted),
    seconds(recoveredMs),
  ]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Mainstay: chaos, seed ${String(report.seed)}</title>
<style>${STYLE}</style></head><body>
<h1>Chaos</h1><p class="${report.ok ? 'ok' : 'bad'}">${escapeHtml(verdict(report))}.</p>
<ul>${sumLines(report)
    .map((line) => `<li>${escapeHtml(line)}</li>`)
    .join('')}</ul>
${list('Problems', report.problems)}${list('Beyond their bounds', report.slow)}
${list(
  'Findings',
  report.verify.findings.map(({ code, run = '', message }) => `${code} ${run}: ${message}`),
)}
<h2>Faults and throughput</h2>${timelineSvg(report)}
<h2>By kind</h2><p>Time until each step that was interrupted went on elsewhere or was done, and steps were done at half of the pace before.</p>
${table(kindRows(report))}
<h2>Each fault</h2>${table([['AT', 'FAULT', 'VICTIM', 'LASTED', 'INTERRUPTED', 'RECOVERED'], ...faults])}
${list(
  'Not done',
  report.skipped.map(({ kind, why }) => `${kind}: ${why}`),
)}
</body></html>
`;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string => row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table>`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `<h2>${title}</h2><ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
}
