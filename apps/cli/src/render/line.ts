import { styleText } from 'node:util';
import { fitText, widthOf } from './text.ts';

export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'bad' | 'warn' | 'accent';

/** A piece of a line in one tone. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Cell[];

export const cell = (text: string, tone: Tone = 'plain'): Cell => ({ text, tone });

const STYLES = {
  plain: [],
  strong: ['bold'],
  dim: ['dim'],
  good: ['green'],
  bad: ['red'],
  warn: ['yellow'],
  accent: ['cyan'],
} as const satisfies Readonly<Record<Tone, readonly string[]>>;

/** The line cut to `width` columns. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Cell[] = [];
  let left = width;
  for (const { text, tone } of line) {
    const part = fitText(text, left);
    if (part !== '') fitted.push({ text: part, tone });
    left -= widthOf(part);
    if (part !== text) break;
  }
  return fitted;
}

/** The line as it is written, without trailing blanks. */
export function paintLine(line: Line, color: boolean): string {
  if (!color)
    return line
      .map(({ text }) => text)
      .join('')
      .trimEnd();
  return line
    .map(({ text, tone }) => (STYLES[tone].length === 0 ? text : styleText([...STYLES[tone]], text, { validateStream: false })))
    .join('');
}
