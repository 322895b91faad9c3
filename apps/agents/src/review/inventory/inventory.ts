import { join } from 'node:path';
import { forEachBounded } from '../listing/bounded-map.ts';
import { isGenerated, isTest } from '../listing/file-roles.ts';
import { isCode, languageOf } from '../listing/languages.ts';
import { listFiles, MAX_FILES } from '../listing/list-files.ts';
import { resolveTarget } from '../listing/target.ts';
import type { Inventory, TargetInput } from '../model.ts';
import { plural } from '../tally.ts';
import { TopList } from '../top-list.ts';
import type { Work } from '../work.ts';
import { countLines } from './count-lines.ts';
import { whatIsPresent } from './presence.ts';
import { readHistory } from './read-history.ts';

interface LanguageSum {
  files: number;
  lines: number;
  bytes: number;
}
type BigFile = Inventory['largestFiles'][number];

/** Counts what is there: files, languages, lines, and where the history is busy. Reads files piece by piece. */
export async function inventory(input: TargetInput, work: Work, now: () => number = Date.now): Promise<Inventory> {
  const { signal, progress } = work;
  const target = await resolveTarget(input.path, signal);
  const list = await listFiles(target, {
    signal,
    progress: (fraction, note) => {
      progress(fraction * 0.3, note);
    },
  });
  const sums = { codeFiles: 0, testFiles: 0, binaryFiles: 0, bytes: 0, lines: 0, codeLines: 0, testLines: 0 };
  const skipped = { ...list.skipped };
  const languages = new Map<string, LanguageSum>();
  const largest = new TopList<BigFile>(15, ({ bytes }) => bytes);
  const longest = new TopList<BigFile>(15, ({ lines }) => lines ?? 0);
  const linesOf = new Map<string, number>();
  let done = 0;
  await forEachBounded(list.files, 8, signal, async ({ path, bytes }) => {
    done += 1;
    if (done % 200 === 0) progress(0.3 + 0.5 * (done / list.files.length), `${String(done)} of ${String(list.files.length)} files read`);
    let counted;
    try {
      counted = await countLines(join(target.root, path), bytes, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (typeof error !== 'object' || error === null || !('code' in error)) throw error;
      skipped.unreadable += 1;
      return;
    }
    const { lines } = counted;
    const language = counted.binary ? 'Binary' : languageOf(path);
    sums.bytes += bytes;
    sums.lines += lines ?? 0;
    largest.add({ path, bytes, lines, language });
    if (counted.binary) {
      sums.binaryFiles += 1;
      return;
    }
    if (lines !== null) linesOf.set(path, lines);
    const sum = languages.get(language) ?? { files: 0, lines: 0, bytes: 0 };
    languages.set(language, { files: sum.files + 1, lines: sum.lines + (lines ?? 0), bytes: sum.bytes + bytes });
    if (!isCode(language) || isGenerated(path)) return;
    sums.codeFiles += 1;
    sums.codeLines += lines ?? 0;
    if (!isTest(path)) {
      longest.add({ path, bytes, lines, language });
      return;
    }
    sums.testFiles += 1;
    sums.testLines += lines ?? 0;
  });
  progress(0.8, target.git ? 'reading the history' : 'no git history');
  const history = await readHistory(target, linesOf, signal, now());
  progress(1, `${plural(list.files.length, 'file')}, ${plural(sums.lines, 'line')}`);
  return {
    measured: list.files.length > 0,
    notes: [
      ...(list.files.length === 0 ? ['There are no files to review here.'] : []),
      ...(list.truncated ? [`Only the first ${plural(MAX_FILES, 'file')} were looked at.`] : []),
      ...(skipped.unreadable > 0 ? [`${plural(skipped.unreadable, 'file or folder', 'files or folders')} could not be read.`] : []),
      ...(target.git ? [] : ['There is no git repository, so the history says nothing about hot spots.']),
    ],
    name: target.name,
    git: target.git,
    files: list.files.length,
    ...sums,
    skipped,
    languages: [...languages]
      .map(([language, sum]) => ({ language, ...sum }))
      .sort((a, b) => b.lines - a.lines || (a.language < b.language ? -1 : 1))
      .slice(0, 40),
    largestFiles: largest.items(),
    longestFiles: longest.items(),
    present: whatIsPresent(list.files.map(({ path }) => path)),
    history,
  };
}
