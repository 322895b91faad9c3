import type { CpuProfile } from './cpu-profile.ts';
import { type FlameBox, flameLayout } from './flame-layout.ts';
import { type FlameNode, flameTree } from './flame-tree.ts';
import { ANONYMOUS, type Owner, OWNERS } from './frames.ts';
import { timesOf } from './hot-functions.ts';
import { escapeXml } from './xml.ts';

export interface FlameGraphOptions {
  /** Stands above the picture. Default `CPU profile`. */
  readonly title?: string;
  /** In pixels. Default 1,200. */
  readonly width?: number;
  /** Functions with a smaller share of the busy time are left out. Default 0.001. */
  readonly minShare?: number;
}

const ROW = 17;
const HEAD = 56;
const MARGIN = 8;
/** Of the font, at its size. */
const CHARACTER = 6.7;

const LOOKS: Readonly<Record<Owner, { readonly words: string; readonly fill: string }>> = {
  own: { words: 'our code', fill: '#8fbcf0' },
  dependency: { words: 'dependencies', fill: '#f6c177' },
  node: { words: 'Node', fill: '#a3d9a5' },
  gc: { words: 'garbage collection', fill: '#f2929b' },
  native: { words: 'native', fill: '#d3d3d8' },
};

/**
 * A flame graph as an SVG file that needs nothing else: callers above, what they called beneath, as wide as their share of the busy
 * time. Time and file are in the tooltip of each box; colours say whose code it is.
 */
export function flameGraph(profile: CpuProfile, options: FlameGraphOptions = {}): string {
  const { title = 'CPU profile', width = 1_200, minShare = 0.001 } = options;
  const root = flameTree(profile);
  const boxes = flameLayout(root, width - 2 * MARGIN, minShare);
  const height = HEAD + ROW * (1 + boxes.reduce((deepest, { depth }) => Math.max(deepest, depth), 0)) + MARGIN;
  const { recordedMs, busyMs } = timesOf(profile);
  const facts = `${seconds(busyMs)} busy of ${seconds(recordedMs)} recorded`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(title)}</title>
<style>
text { font: 11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1d1d22 }
.title { font-size: 15px; font-weight: bold }
rect { stroke: #fff; stroke-width: 0.5 }
g:hover > rect { stroke: #1d1d22; stroke-width: 1 }
${OWNERS.map((owner) => `.${owner} { fill: ${LOOKS[owner].fill} }`).join('\n')}
</style>
<rect width="${width}" height="${height}" fill="#fff"/>
<text class="title" x="${MARGIN}" y="20">${escapeXml(title)}</text>
<text x="${width - MARGIN}" y="20" text-anchor="end">${facts}</text>
${legend(root)}
${boxes.map((box) => boxOf(box, root.totalMicros)).join('\n')}
</svg>
`;
}

/** What each colour means, with its share of the busy time. */
function legend(root: FlameNode): string {
  const micros = microsByOwner(root);
  let x = MARGIN;
  return OWNERS.map((owner) => {
    const text = `${LOOKS[owner].words} ${percent((micros.get(owner) ?? 0) / Math.max(1, root.totalMicros))}`;
    const at = x;
    x += 16 + text.length * CHARACTER + 20;
    return `<rect class="${owner}" x="${at}" y="32" width="12" height="12"/><text x="${short(at + 16)}" y="42">${text}</text>`;
  }).join('\n');
}

function microsByOwner(root: FlameNode): ReadonlyMap<Owner, number> {
  const micros = new Map<Owner, number>();
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    micros.set(node.owner, (micros.get(node.owner) ?? 0) + node.selfMicros);
    open.push(...node.children);
  }
  return micros;
}

function boxOf({ node, depth, x, width }: FlameBox, allMicros: number): string {
  const left = MARGIN + x;
  const top = HEAD + depth * ROW;
  const label = fitted(labelOf(node), width);
  const text = label === '' ? '' : `<text x="${short(left + 3)}" y="${top + 12}">${escapeXml(label)}</text>`;
  return `<g><title>${escapeXml(tooltip(node, allMicros))}</title><rect class="${node.owner}" x="${short(left)}" y="${top}" width="${short(width)}" height="${ROW - 1}"/>${text}</g>`;
}

/** Functions without a name are told by where they are. */
function labelOf({ name, place }: FlameNode): string {
  return name === ANONYMOUS && place !== '' ? place.slice(place.lastIndexOf('/') + 1) : name;
}

function tooltip({ name, place, totalMicros, selfMicros }: FlameNode, allMicros: number): string {
  const total = `${milliseconds(totalMicros)} (${percent(totalMicros / allMicros)})`;
  const own = `${milliseconds(selfMicros)} (${percent(selfMicros / allMicros)}) itself`;
  return `${name}${place === '' ? '' : `\n${place}`}\n${total}, ${own}`;
}

/** As much of the name as the box can show; nothing where that would be less than two characters. */
function fitted(name: string, width: number): string {
  const room = Math.floor((width - 6) / CHARACTER);
  if (name.length <= room) return name;
  return room < 3 ? '' : `${name.slice(0, room - 1)}…`;
}

/** Rounded down, so that neighbours never overlap. */
function short(pixels: number): string {
  return String(Math.floor(pixels * 1_000) / 1_000);
}

const milliseconds = (micros: number): string => `${(micros / 1_000).toFixed(1)} ms`;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
