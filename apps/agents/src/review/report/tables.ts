import { Html, markup } from './escape.ts';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string | number;
  /** `path`: fixed width; `n`: a number, to the right. */
  readonly kind?: 'path' | 'n';
}

const shown = (value: string | number): string => (typeof value === 'number' ? value.toLocaleString('en') : value);

/** A table of the first `max` rows, with a line that says how many there are in all. Empty without rows. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], max: number, total: number = rows.length): Html {
  if (rows.length === 0) return new Html('');
  const head = columns.map(({ title, kind }) => markup`<th class="${kind ?? ''}" scope="col">${title}</th>`);
  const body = rows
    .slice(0, max)
    .map((row) => markup`<tr>${columns.map(({ cell, kind }) => markup`<td class="${kind ?? ''}">${shown(cell(row))}</td>`)}</tr>`);
  const kept = Math.min(max, rows.length);
  const rest = total > kept ? markup`<p class="note">${kept} of ${total.toLocaleString('en')} are shown.</p>` : new Html('');
  return markup`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${rest}`;
}

export function notes(texts: readonly string[]): Html {
  return texts.length === 0 ? new Html('') : markup`${texts.map((text) => markup`<p class="note">${text}</p>`)}`;
}

/** A row of figures with their names. */
export function facts(entries: readonly (readonly [string, string | number])[]): Html {
  return markup`<dl class="facts">${entries.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${shown(value)}</dd></div>`)}</dl>`;
}
