import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/** Text from outside on one line, without anything that a terminal would obey or that reorders text. */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
}

/** Columns that the text takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** At most `width` columns; what is cut off shows as an ellipsis. */
export function fitText(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let fitted = '';
  for (const { segment } of segmenter.segment(text)) {
    if (widthOf(`${fitted}${segment}…`) > width) break;
    fitted += segment;
  }
  return widthOf(`${fitted}…`) <= width ? `${fitted}…` : '';
}

/** Exactly `width` columns. */
export function padText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fitted = fitText(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(fitted)));
  return align === 'left' ? fitted + space : space + fitted;
}
