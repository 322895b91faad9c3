import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runbookPath } from '../rule-file.ts';
import { GRAFANA, ROOT } from '../written-files.ts';
import { allDashboards } from './all-dashboards.ts';

interface Panel {
  readonly type: string;
  readonly id: number;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string; readonly datasource?: { readonly uid: string } }[];
  readonly links?: readonly { readonly url: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

const committed = allDashboards.map(({ name }) => {
  const text = readFileSync(join(ROOT, GRAFANA, 'dashboards', `${name}.json`), 'utf8');
  return [name, JSON.parse(text) as { readonly uid: string; readonly title: string; readonly panels: readonly Panel[] }] as const;
});

test('dashboards for every audience, each with a name and an address of its own', () => {
  expect(committed.map(([name]) => name)).toEqual([
    'operator-overview',
    'runs-and-queues',
    'agents',
    'dependencies',
    'slos',
    'capacity',
    'security',
  ]);
  expect(new Set(committed.map(([, { uid }]) => uid)).size).toBe(committed.length);
  expect(new Set(committed.map(([, { title }]) => title)).size).toBe(committed.length);
});

describe.each(committed)('%s', (_name, { panels }) => {
  const shown = panels.filter(({ type }) => type !== 'row');

  test('says of every panel what it is, in which unit, and which runbook helps', () => {
    expect(shown.length).toBeGreaterThan(3);
    for (const { title = '', description = '', fieldConfig, targets = [], links = [] } of shown) {
      const said = {
        title,
        description: description.length > 5,
        unit: fieldConfig?.defaults.unit !== undefined,
        queries: targets.length > 0,
      };
      expect(said).toEqual({ title: expect.stringMatching(/^[A-Z0-9]/), description: true, unit: true, queries: true });
      expect({ title, links: links.length > 0 }).toEqual({ title, links: true });
      for (const { url } of links) {
        const runbook = /^\$\{runbooks\}\/([a-z-]+)\.md$/.exec(url)?.[1] ?? '';
        expect({ url, exists: existsSync(join(ROOT, runbookPath(runbook))) }).toEqual({ url, exists: true });
      }
      for (const { datasource } of targets) expect(datasource?.uid).toBe('${datasource}');
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('covers its grid: nothing overlaps, nothing sticks out, no hole is left', () => {
    const cells = new Map<string, string>();
    for (const { gridPos, title = '' } of panels) {
      const { x, y, w, h } = gridPos;
      expect({ title, inside: x >= 0 && x + w <= 24 && w > 0 && h > 0 }).toEqual({ title, inside: true });
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          const key = `${column}/${line}`;
          expect({ title, over: cells.get(key) }).toEqual({ title, over: undefined });
          cells.set(key, title);
        }
    }
    const bottom = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h));
    expect(cells.size).toBe(24 * bottom);
  });

  test('has ids and titles of their own within each row', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    let titles = new Set<string>();
    for (const { type, title = '' } of panels) {
      if (type === 'row') titles = new Set();
      expect(titles).not.toContain(title);
      titles.add(title);
    }
  });
});
