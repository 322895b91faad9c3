import { describe, expect, test } from '@jest/globals';
import { LogReader } from './history-log.ts';
import { findHotspots } from './read-history.ts';

const read = (...tokens: string[]): LogReader => {
  const reader = new LogReader();
  for (const token of tokens) reader.take(token);
  return reader;
};
const commit = (at: number, author: string): string => `\u0001abc\u0002${String(at)}\u0002${author}`;

describe('LogReader', () => {
  test('adds up commits, churn and authors per file', () => {
    const facts = read(commit(200, 'A@x'), '\n3\t1\ta.ts', '-\t-\tlogo.png', commit(100, 'a@X'), '\n1\t0\ta.ts').facts();
    expect(facts).toMatchObject({ commits: 2, authors: 1, firstAt: 100, lastAt: 200 });
    expect(facts.files.get('a.ts')).toEqual({ commits: 2, churn: 5, authors: new Set(['a@x']), lastAt: 200 });
    expect(facts.files.get('logo.png')).toMatchObject({ commits: 1, churn: 0 });
  });

  test('takes paths with tabs and line ends, and passes over what it does not know', () => {
    const facts = read(commit(1, 'a'), '\n1\t1\ta\tb\nc', '', 'nonsense').facts();
    expect([...facts.files.keys()]).toEqual(['a\tb\nc']);
  });

  test('an empty log has no dates', () => {
    expect(read().facts()).toMatchObject({ commits: 0, firstAt: undefined, lastAt: undefined });
  });
});

describe('findHotspots', () => {
  test('puts first what changes often and is large, and leaves out what is gone, generated or no code', () => {
    const tokens = ['small.ts', 'large.ts', 'gone.ts', 'package-lock.json', 'a.md'].map((path) => `\n1\t0\t${path}`);
    const facts = read(commit(0, 'a'), ...tokens, commit(86_400, 'b'), ...tokens).facts();
    const lines = new Map([
      ['small.ts', 3],
      ['large.ts', 1023],
      ['package-lock.json', 5000],
      ['a.md', 100],
    ]);
    expect(findHotspots(facts, lines, 3 * 86_400_000)).toEqual([
      { path: 'large.ts', commits: 2, churn: 2, authors: 2, lines: 1023, heat: 20, daysSinceChange: 2 },
      { path: 'small.ts', commits: 2, churn: 2, authors: 2, lines: 3, heat: 4, daysSinceChange: 2 },
    ]);
  });
});
