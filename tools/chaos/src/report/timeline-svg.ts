import type { ChaosReport } from './chaos-report.ts';
import { escapeHtml } from './html.ts';

const WIDTH = 1_100;
const LEFT = 150;
const CHART = 180;
const ROW = 16;
const GAP = 24;

/** Throughput over time, and beneath it a row per kind with its faults: how long each lasted, and until it was overcome. */
export function timelineSvg({ throughput, faults, beginAt }: ChaosReport): string {
  const seconds = Math.max(1, throughput.length);
  const most = Math.max(1, ...throughput);
  const x = (at: number): number => LEFT + ((at - beginAt) / 1_000 / seconds) * (WIDTH - LEFT);
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  const top = (kind: string): number => CHART + GAP + kinds.indexOf(kind as (typeof kinds)[number]) * ROW;
  const points = throughput
    .map((n, at) => `${x(beginAt + at * 1_000).toFixed(1)},${(CHART - (n / most) * (CHART - 10)).toFixed(1)}`)
    .join(' ');
  const bars = faults.map(({ kind, victim, beginAt: from, endAt, recoveredMs }) => {
    const [begin, end] = [x(from), x(Math.max(endAt, from + (recoveredMs ?? 0)))];
    const title = `<title>${escapeHtml(`${kind}: ${victim}`)}</title>`;
    const y = top(kind) + 3;
    return `<g>${title}<rect x="${begin.toFixed(1)}" y="${String(y)}" width="${Math.max(2, end - begin).toFixed(1)}" height="10" fill="#f3b8a5"/><rect x="${begin.toFixed(1)}" y="${String(y)}" width="${Math.max(2, x(endAt) - begin).toFixed(1)}" height="10" fill="#b3261e"/></g>`;
  });
  const labels = kinds.map((kind) => `<text x="0" y="${String(top(kind) + 12)}">${kind}</text>`).join('');
  const height = CHART + GAP + kinds.length * ROW + 10;
  return `<svg viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="Throughput and faults over time" font-family="system-ui,sans-serif" font-size="11">
<text x="0" y="20">${String(most)} steps/s</text><text x="0" y="${String(CHART)}">0</text>
<line x1="${String(LEFT)}" y1="${String(CHART)}" x2="${String(WIDTH)}" y2="${String(CHART)}" stroke="#8a97a6"/>
<polyline points="${points}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>
${labels}${bars.join('')}
</svg>`;
}
