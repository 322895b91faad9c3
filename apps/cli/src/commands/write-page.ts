import { type Column, tableLines } from '../render/table.ts';
import type { Session } from '../session.ts';

/** Columns of the terminal; undefined: the output is no terminal, and nothing is cut off. */
export function terminalWidth(session: Session): number | undefined {
  return session.io.stdout.isTTY === true ? (session.io.stdout.columns ?? 80) : undefined;
}

/** Writes a page of a listing as a table, or with --json as it came. */
export function writePage<T>(
  session: Session,
  page: { readonly items: readonly T[]; readonly cursor?: string | undefined },
  columns: readonly Column[],
  rowOf: (item: T) => readonly string[],
): void {
  if (session.settings.json) {
    session.writeJson(page);
    return;
  }
  if (page.items.length === 0) session.hint('none');
  else for (const line of tableLines(columns, page.items.map(rowOf), terminalWidth(session))) session.writeLine(line);
  if (page.cursor !== undefined) session.hint(`more with --cursor ${page.cursor}`);
}
