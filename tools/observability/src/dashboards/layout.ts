import type { PanelFacts, Row } from './panel-facts.ts';

/** Where something lies on Grafana's grid, 24 columns wide. */
export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const COLUMNS = 24;
const SIZES: Readonly<Record<PanelFacts['kind'], { readonly w: number; readonly h: number }>> = {
  stat: { w: 6, h: 4 },
  graph: { w: 12, h: 8 },
};

/** What is placed: the head of a row, or a panel. */
export type Placed = { readonly at: GridPosition } & ({ readonly row: Row } | { readonly panel: PanelFacts });

/**
 * From left to right, in lines of one height each. The last panel of a line takes what is left of it, so that there are no holes.
 */
export function layout(rows: readonly Row[]): Placed[] {
  const placed: Placed[] = [];
  let y = 0;
  for (const row of rows) {
    placed.push({ row, at: { x: 0, y, w: COLUMNS, h: 1 } });
    y += 1;
    for (const line of linesOf(row.panels)) {
      let x = 0;
      for (const [index, panel] of line.entries()) {
        const { w, h } = SIZES[panel.kind];
        const width = index === line.length - 1 ? COLUMNS - x : w;
        placed.push({ panel, at: { x, y, w: width, h } });
        x += width;
      }
      y += SIZES[line[0]?.kind ?? 'stat'].h;
    }
  }
  return placed;
}

/** Panels of one kind that follow each other, as many as fit beside each other. */
function linesOf(panels: readonly PanelFacts[]): PanelFacts[][] {
  const lines: PanelFacts[][] = [];
  for (const panel of panels) {
    const line = lines.at(-1);
    const fits = line?.[0]?.kind === panel.kind && (line.length + 1) * SIZES[panel.kind].w <= COLUMNS;
    if (line !== undefined && fits) line.push(panel);
    else lines.push([panel]);
  }
  return lines;
}
