import { Html, markup } from './escape.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Shown behind the bar; the value itself if absent. */
  readonly text?: string;
  /** `good`, `fair` and `bad` colour by meaning; the text says the same, for those who do not see colours. */
  readonly tone?: 'plain' | 'good' | 'fair' | 'bad';
}

const WIDTH = 640;
const LABEL_WIDTH = 250;
const VALUE_WIDTH = 110;
const ROW = 26;

const px = (value: number): string => String(Math.round(value * 10) / 10);

/** The end of a path says most: a long label loses its beginning. */
export function shorten(label: string, max: number): string {
  return label.length <= max ? label : `…${label.slice(label.length - max + 1)}`;
}

/** Horizontal bars, scaled to `max` (default: the greatest value). Empty when there are none. */
export function barChart(title: string, bars: readonly Bar[], max: number = Math.max(0, ...bars.map(({ value }) => value))): Html {
  if (bars.length === 0) return new Html('');
  const span = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
  const rows = bars.map(({ label, value, text, tone = 'plain' }, index) => {
    const y = index * ROW;
    const width = max <= 0 ? 0 : (Math.max(0, Math.min(value, max)) / max) * span;
    return markup`<g><title>${label}: ${text ?? value}</title><text class="label" x="${LABEL_WIDTH - 8}" y="${y + 17}" text-anchor="end">${shorten(label, 36)}</text><rect class="track" x="${LABEL_WIDTH}" y="${y + 5}" width="${span}" height="16" rx="3" /><rect class="${tone}" x="${LABEL_WIDTH}" y="${y + 5}" width="${px(width)}" height="16" rx="3"/><text class="value" x="${LABEL_WIDTH + span + 8}" y="${y + 17}">${text ?? value.toLocaleString('en')}</text></g>`;
  });
  return markup`<svg class="chart" viewBox="0 0 ${WIDTH} ${bars.length * ROW}" role="img" aria-label="${title}">${rows}</svg>`;
}

export function toneOf(score: number): 'good' | 'fair' | 'bad' {
  return score >= 80 ? 'good' : score >= 60 ? 'fair' : 'bad';
}

/** A half-circle gauge from 0 to 100 with the number and the grade inside. */
export function gauge(score: number | null, grade: string): Html {
  const radius = 80;
  const length = Math.PI * radius;
  const filled = ((score ?? 0) / 100) * length;
  const arc = `M 20 100 A ${String(radius)} ${String(radius)} 0 0 1 180 100`;
  const value =
    score === null ? new Html('') : markup`<path class="arc ${toneOf(score)}" d="${arc}" stroke-dasharray="${px(filled)} ${px(length)}" />`;
  const label = score === null ? 'nothing to review' : `${String(score)} of 100, grade ${grade}`;
  return markup`<svg class="gauge" viewBox="0 0 200 116" role="img" aria-label="Score: ${label}"><path class="arc rest" d="${arc}" />${value}<text class="big" x="100" y="88" text-anchor="middle">${score ?? '–'}</text><text class="label" x="100" y="110" text-anchor="middle">${score === null ? 'nothing to review' : `grade ${grade}`}</text></svg>`;
}

export interface Dot {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

const PLOT = { left: 56, top: 12, width: 560, height: 240 };

/** Round steps (1, 2, 5 × 10ⁿ) from 0 to at least `max`, about five. */
export function ticks(max: number): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / 5;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((one) => one * magnitude >= rough) ?? 10) * magnitude);
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => index * step);
}

/** Dots over two axes from 0; every dot names itself on hover, the first few in the picture, where they do not cover one another. */
export function scatter(title: string, xTitle: string, yTitle: string, dots: readonly Dot[]): Html {
  if (dots.length === 0) return new Html('');
  const xTicks = ticks(Math.max(...dots.map(({ x }) => x)));
  const yTicks = ticks(Math.max(...dots.map(({ y }) => y)));
  const { left, top, width, height } = PLOT;
  const xAt = (x: number): number => left + (x / (xTicks.at(-1) ?? 1)) * width;
  const yAt = (y: number): number => top + height - (y / (yTicks.at(-1) ?? 1)) * height;
  const grid = [
    ...xTicks.map(
      (x) =>
        markup`<line class="grid" x1="${px(xAt(x))}" x2="${px(xAt(x))}" y1="${top}" y2="${top + height}" /><text class="value" x="${px(xAt(x))}" y="${top + height + 16}" text-anchor="middle">${x.toLocaleString('en')}</text>`,
    ),
    ...yTicks.map(
      (y) =>
        markup`<line class="grid" x1="${left}" x2="${left + width}" y1="${px(yAt(y))}" y2="${px(yAt(y))}" /><text class="value" x="${left - 6}" y="${px(yAt(y) + 4)}" text-anchor="end">${y.toLocaleString('en')}</text>`,
    ),
  ];
  const named: { readonly x: number; readonly y: number }[] = [];
  const marks = dots.map(({ label, x, y }) => {
    const at = { x: xAt(x), y: yAt(y) };
    const free = named.length < 6 && named.every((other) => Math.abs(other.y - at.y) > 14 || Math.abs(other.x - at.x) > 220);
    if (free) named.push(at);
    const right = at.x < left + width / 2;
    const name = free
      ? markup`<text class="label" x="${px(at.x + (right ? 9 : -9))}" y="${px(at.y + 4)}" text-anchor="${right ? 'start' : 'end'}">${shorten(label, 34)}</text>`
      : new Html('');
    return markup`<g><title>${label}: ${x} ${xTitle}, ${y} ${yTitle}</title><circle class="dot" cx="${px(at.x)}" cy="${px(at.y)}" r="5" />${name}</g>`;
  });
  return markup`<svg class="chart" viewBox="0 0 ${left + width + 24} ${top + height + 44}" role="img" aria-label="${title}">${grid}<text class="label" x="${left + width / 2}" y="${top + height + 36}" text-anchor="middle">${xTitle}</text><text class="label" x="14" y="${top + height / 2}" text-anchor="middle" transform="rotate(-90 14 ${top + height / 2})">${yTitle}</text>${marks}</svg>`;
}
