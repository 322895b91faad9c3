import { cell, fitLine, type Line, type Tone } from './line.ts';
import { clean, padText, widthOf } from './text.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly tone?: (text: string) => Tone;
}

/** A table as lines; without a `width` nothing is cut off. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): readonly Line[] {
  const texts = rows.map((row) => columns.map((_, at) => clean(row[at] ?? '')));
  const widths = columns.map(({ title }, at) => Math.max(widthOf(title), ...texts.map((row) => widthOf(row[at] ?? ''))));
  const lineOf = (row: readonly string[], tone: (text: string, column: Column) => Tone): Line =>
    columns.flatMap((column, at) => {
      const text = row[at] ?? '';
      const last = at === columns.length - 1 && column.align !== 'right';
      return [cell(last ? text : padText(text, widths[at] ?? 0, column.align), tone(text, column)), ...(last ? [] : [cell('  ')])];
    });
  const lines = [
    lineOf(
      columns.map(({ title }) => title),
      () => 'dim',
    ),
    ...texts.map((row) => lineOf(row, (text, column) => column.tone?.(text) ?? 'plain')),
  ];
  return width === undefined ? lines : lines.map((line) => fitLine(line, width));
}
