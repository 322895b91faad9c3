import { describe, expect, test } from '@jest/globals';
import { between, codeBlocks } from './markdown.ts';
import { textOf } from './repository.ts';
import { eventTypes, finalStatesOf, statesOf, unionOf } from './source-facts.ts';

const sorted = (names: Iterable<string>): string[] => [...names].sort();

/** The diagram under the marker of this name in docs/ARCHITECTURE.md. */
function diagram(name: string): string {
  const [block] = codeBlocks(between(textOf('docs/ARCHITECTURE.md'), name) ?? '');
  return block?.text ?? '';
}

describe('docs/ARCHITECTURE.md', () => {
  test('draws exactly the states of a run', () => {
    expect(sorted(statesOf(diagram('run states')))).toEqual(sorted(unionOf('RunStatus')));
    expect(sorted(finalStatesOf(diagram('run states')))).toEqual(['cancelled', 'failed', 'succeeded']);
  });

  test('draws exactly the states of a task', () => {
    expect(sorted(statesOf(diagram('task states')))).toEqual(sorted([...unionOf('TaskStatus'), 'pending']));
  });

  test('names tests that exist, for everything that can fail', () => {
    const rows = (between(textOf('docs/ARCHITECTURE.md'), 'failures') ?? '')
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      const [, title = '', file = ''] = /"([^"]+)" \(\[[^\]]+\]\(\.\.\/([^)]+)\)/.exec(row) ?? [];
      expect({ row, named: file !== '' && textOf(file).includes(title) }).toEqual({ row, named: true });
    }
  });
});

describe('docs/EVENTS.md', () => {
  test('lists exactly the events that there are', () => {
    const names = [...textOf('docs/EVENTS.md').matchAll(/^\| `([a-z.]+)`/gm)].map(([, name]) => name ?? '');
    expect(sorted(names)).toEqual(sorted(eventTypes()));
  });
});
