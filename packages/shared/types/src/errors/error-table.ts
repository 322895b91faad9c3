import { errorCatalogue } from './catalogue.ts';

export const TABLE_BEGIN = '<!-- error codes: begin (generated) -->';
export const TABLE_END = '<!-- error codes: end -->';

/** The catalogue as a Markdown table, in its order. */
export function renderErrorTable(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { category, disposition, status, title, hint }]) =>
      `| \`${code}\` | ${category} | ${disposition} | ${status} | ${title} | ${hint} |`,
  );
  return ['| code | category | disposition | HTTP | title | what to do |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/**
 * The document with the table between its two markers replaced.
 * @throws RangeError when it lacks a marker.
 */
export function withErrorTable(document: string): string {
  const begin = document.indexOf(TABLE_BEGIN);
  const end = document.indexOf(TABLE_END);
  if (begin < 0 || end < begin) throw new RangeError(`The document needs the lines ${TABLE_BEGIN} and ${TABLE_END}, in this order`);
  return `${document.slice(0, begin + TABLE_BEGIN.length)}\n\n${renderErrorTable()}\n\n${document.slice(end)}`;
}
