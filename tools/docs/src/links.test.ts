import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchors, relativeLinks } from './markdown.ts';
import { markdownFiles, ROOT, textOf } from './repository.ts';

/** What is wrong with a link from the file; undefined when it leads somewhere. */
function problem(file: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const goal = path === '' ? file : normalize(join(dirname(file), decodeURI(path)));
  if (goal.startsWith('..') || !existsSync(join(ROOT, goal))) return `${file}: ${target} leads nowhere`;
  if (anchor === undefined || !goal.endsWith('.md')) return undefined;
  return anchors(textOf(goal)).has(anchor) ? undefined : `${file}: ${target} has no such heading`;
}

describe('links within the repository', () => {
  test('lead somewhere, to the heading', () => {
    const problems = markdownFiles().flatMap((file) => relativeLinks(textOf(file)).map((target) => problem(file, target)));
    expect(problems.filter((text) => text !== undefined)).toEqual([]);
    expect(problems.length).toBeGreaterThan(20);
  });

  test('are noticed when they do not', () => {
    expect(problem('README.md', 'docs/NOTHING.md')).toContain('leads nowhere');
    expect(problem('README.md', '../outside.md')).toContain('leads nowhere');
    expect(problem('README.md', 'docs/EXPRESSIONS.md#no-such-heading')).toContain('no such heading');
    expect(relativeLinks('[a](x.md) `[b](y.md)` [c](https://example.org)\n```\n[d](z.md)\n```\n')).toEqual(['x.md']);
  });
});
