import { ENGINES } from '../engines.ts';
import type { Results } from '../results.ts';
import { advantage, COMPARED, type Row, summarize } from './summary.ts';

const WIDTH = 860;
const LABEL_WIDTH = 150;
const BAR_WIDTH = 480;
const LINE = 24;
const BAR_HEIGHT = 16;
const TITLE = 34;
const GAP = 14;
const HEADER = 30;
const FOOTER = 34;
const OWN = '#0f766e';
const PEER = '#94a3b8';

/** A chart of all workloads: a bar per engine with its median, least and greatest value, and how Mainstay compares. */
export function chart(results: Results): string {
  const rows = summarize(results);
  let y = HEADER;
  const groups = results.workloads.map(({ name }) => {
    const own = rows.filter((row) => row.workload === name);
    const text = group(own, rows, y);
    y += own.length === 0 ? 0 : TITLE + own.length * LINE + GAP;
    return text;
  });
  const height = y + FOOTER;
  const { environment: env, rounds } = results;
  const facts = `${env.cores} cores, Node ${env.node}, Postgres ${env.postgres}, Redis ${env.redis}; medians of ${rounds} rounds, whiskers least and greatest`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Mainstay and its peers" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...groups,
    label(16, height - 14, facts, 'fill="#475569" font-size="11"'),
    '</svg>\n',
  ].join('\n');
}

function group(own: readonly Row[], rows: readonly Row[], top: number): string {
  const [first] = own;
  if (first === undefined) return '';
  const { title, unit } = COMPARED[first.workload];
  const longest = Math.max(...own.map(({ value }) => value.max));
  const better = unit === 'ms' ? 'less is better' : 'more is better';
  const heading = label(16, top + 16, `${title} (${unit}, ${better})`, 'font-weight="600" fill="#0f172a"');
  return [heading, ...own.map((row, index) => barOf(row, rows, longest, top + TITLE + index * LINE))].join('\n');
}

function barOf(row: Row, rows: readonly Row[], longest: number, y: number): string {
  const at = (value: number): number => LABEL_WIDTH + (value / longest) * BAR_WIDTH;
  const { median, min, max } = row.value;
  const ours = row.engine === 'mainstay';
  const compared = ours ? undefined : advantage(rows, row.workload, row.engine);
  const middle = y + BAR_HEIGHT / 2;
  const note = `${format(median)}${compared === undefined ? '' : `  (Mainstay ${compared.toFixed(1)} ×)`}`;
  return [
    label(16, y + 13, ENGINES[row.engine].label, `fill="#0f172a"${ours ? ' font-weight="600"' : ''}`),
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${round(at(median) - LABEL_WIDTH)}" height="${BAR_HEIGHT}" rx="2" fill="${ours ? OWN : PEER}"/>`,
    `<path d="M${round(at(min))} ${middle}H${round(at(max))}" stroke="#0f172a" stroke-width="1.5"/>`,
    label(round(at(max)) + 8, y + 13, note, 'fill="#334155"'),
  ].join('\n');
}

function label(x: number, y: number, text: string, style: string): string {
  return `<text x="${x}" y="${y}" ${style}>${escape(text)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}
