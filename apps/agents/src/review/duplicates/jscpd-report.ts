import { relative, sep } from 'node:path';
import { z } from 'zod';
import type { Clone, Duplicates } from '../model.ts';
import { clip, plural } from '../tally.ts';
import { TopList } from '../top-list.ts';

const lineNumber = z.number().int().min(0);
const side = z.object({ name: z.string(), start: lineNumber, end: lineNumber });

/** The part of jscpd's JSON report that is used. */
export const jscpdReport = z.object({
  duplicates: z.array(z.object({ format: z.string(), lines: lineNumber, tokens: lineNumber, firstFile: side, secondFile: side })),
  statistics: z.object({ total: z.object({ lines: lineNumber, sources: lineNumber }) }),
});
export type JscpdReport = z.infer<typeof jscpdReport>;

/** jscpd appends `:format` to the names of files with several languages in them. */
function pathOf(name: string, root: string, known: ReadonlySet<string>): string {
  const path = relative(root, name).split(sep).join('/');
  const colon = path.lastIndexOf(':');
  return !known.has(path) && colon > 0 && known.has(path.slice(0, colon)) ? path.slice(0, colon) : path;
}

/** Lines of each file that lie in at least one clone; overlapping clones count once. */
export function duplicatedLinesByFile(clones: readonly Clone[]): Map<string, number> {
  const ranges = new Map<string, [number, number][]>();
  for (const { first, second } of clones) {
    for (const { path, start, end } of [first, second]) {
      const known = ranges.get(path);
      if (known === undefined) ranges.set(path, [[start, end]]);
      else known.push([start, end]);
    }
  }
  const lines = new Map<string, number>();
  for (const [path, parts] of ranges) {
    let covered = 0;
    let until = 0;
    for (const [start, end] of parts.sort((a, b) => a[0] - b[0])) {
      covered += Math.max(0, end - Math.max(start, until + 1) + 1);
      until = Math.max(until, end);
    }
    lines.set(path, covered);
  }
  return lines;
}

/** Turns jscpd's report into figures: `files` are those it was given, `tooLarge` those it was spared. */
export function readReport(report: JscpdReport, root: string, files: readonly string[], tooLarge: number): Duplicates {
  const known = new Set(files);
  const clones = report.duplicates.map(({ format, lines, tokens, firstFile, secondFile }): Clone => {
    const fragment = ({ name, start, end }: z.infer<typeof side>): Clone['first'] => ({ path: pathOf(name, root, known), start, end });
    return { language: clip(format, 50), lines, tokens, first: fragment(firstFile), second: fragment(secondFile) };
  });
  const byFile = duplicatedLinesByFile(clones);
  const largest = new TopList<Clone>(30, ({ lines }) => lines);
  for (const clone of clones) largest.add(clone);
  const { lines, sources } = report.statistics.total;
  const duplicatedLines = Math.min(
    lines,
    [...byFile.values()].reduce((sum, count) => sum + count, 0),
  );
  return {
    measured: sources > 0,
    notes: [
      ...(sources === 0 ? ['There is no code long enough to hold duplicates.'] : []),
      ...(tooLarge > 0 ? [`${plural(tooLarge, 'very large file was', 'very large files were')} not compared.`] : []),
    ],
    filesChecked: sources,
    lines,
    duplicatedLines,
    percentage: lines === 0 ? 0 : Math.round((duplicatedLines / lines) * 1000) / 10,
    clones: clones.length,
    largest: largest.items(),
    files: [...byFile]
      .map(([path, duplicated]) => ({ path, duplicatedLines: duplicated }))
      .sort((a, b) => b.duplicatedLines - a.duplicatedLines || (a.path < b.path ? -1 : 1))
      .slice(0, 20),
  };
}
