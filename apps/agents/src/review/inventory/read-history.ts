import { git } from '../listing/git.ts';
import { isGenerated } from '../listing/file-roles.ts';
import { isCode, languageOf } from '../listing/languages.ts';
import { nulSplitter } from '../listing/list-paths.ts';
import type { Target } from '../listing/target.ts';
import type { History, Hotspot } from '../model.ts';
import { TopList } from '../top-list.ts';
import { LOG_FORMAT, type LogFacts, LogReader } from './history-log.ts';

/** Commits that are looked at, from the newest. */
export const MAX_COMMITS = 2000;
const HISTORY_TIMEOUT_MS = 45_000;
const DAY_S = 86_400;

const isoDate = (seconds: number | undefined): string | null => {
  if (seconds === undefined || !Number.isFinite(seconds) || Math.abs(seconds) > 8.64e12) return null;
  return new Date(seconds * 1000).toISOString();
};

/** The code files that change often and are large. Files that no longer exist, and generated ones, do not count. */
export function findHotspots(facts: LogFacts, linesOf: ReadonlyMap<string, number>, nowMs: number): Hotspot[] {
  const top = new TopList<Hotspot>(20, ({ heat }) => heat);
  for (const [path, file] of facts.files) {
    const lines = linesOf.get(path);
    if (lines === undefined || isGenerated(path) || !isCode(languageOf(path))) continue;
    top.add({
      path,
      commits: file.commits,
      churn: file.churn,
      authors: file.authors.size,
      lines,
      heat: Math.round(file.commits * Math.log2(1 + lines) * 10) / 10,
      daysSinceChange: Math.max(0, Math.floor((nowMs / 1000 - file.lastAt) / DAY_S)),
    });
  }
  return top.items();
}

/** Reads the newest commits of the target's repository; null when there is none. An unborn branch has no commits. */
export async function readHistory(
  target: Target,
  linesOf: ReadonlyMap<string, number>,
  signal: AbortSignal,
  nowMs: number,
): Promise<History | null> {
  if (!target.git) return null;
  const reader = new LogReader();
  const splitter = nulSplitter((token) => {
    reader.take(token);
  });
  const { partial } = await git({
    cwd: target.root,
    args: [
      'log',
      `--max-count=${String(MAX_COMMITS)}`,
      '--numstat',
      '-z',
      '--no-renames',
      '--no-ext-diff',
      '--no-textconv',
      '--relative',
      `--format=${LOG_FORMAT}`,
      '--',
      target.only === undefined ? '.' : `:(literal)${target.only}`,
    ],
    signal,
    timeoutMs: HISTORY_TIMEOUT_MS,
    onStdout: (chunk) => {
      splitter.push(chunk);
      return true;
    },
  });
  splitter.end();
  const facts = reader.facts();
  return {
    commits: facts.commits,
    authors: facts.authors,
    firstAt: isoDate(facts.firstAt),
    lastAt: isoDate(facts.lastAt),
    truncated: partial || facts.commits >= MAX_COMMITS,
    hotspots: findHotspots(facts, linesOf, nowMs),
  };
}
