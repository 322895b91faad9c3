import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { allMetrics } from './metrics-table.ts';
import { allAlerts } from './rule-groups.ts';
import { monitoringForTests } from './testing/monitoring.ts';
import { ROOT, RULES, writtenFiles } from './written-files.ts';
import { toYaml } from './yaml.ts';

// promtool evaluates hours of rules
jest.setTimeout(300_000);

let files: ReadonlyMap<string, string>;
let folder: string;
beforeAll(async () => {
  files = await writtenFiles();
  folder = mkdtempSync(join(tmpdir(), 'mainstay-rules-'));
  for (const [file, text] of files) if (file.startsWith(RULES)) writeFileSync(join(folder, basename(file)), text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('generated files', () => {
  test('are what the committed ones say; else run node tools/observability/src/write-files.ts', () => {
    expect(files.size).toBe(18);
    for (const [file, text] of files) expect({ file, text: readFileSync(join(ROOT, file), 'utf8') }).toEqual({ file, text });
  });

  test('docs/OBSERVABILITY.md lists exactly the metrics that there are', () => {
    const text = readFileSync(join(ROOT, 'docs/OBSERVABILITY.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `([a-z_]+)` +\| (?:counter|gauge|histogram) /gm)].map(([, name = '']) => name);
    expect(listed.toSorted()).toEqual(Object.keys(allMetrics).toSorted());
  });
});

describe('promtool', () => {
  let promtool: string | undefined;
  beforeAll(async () => {
    promtool = (await monitoringForTests())?.promtool;
  });
  const written = (tests: boolean): string[] =>
    [...files.keys()]
      .filter((file) => file.startsWith(RULES) && file.endsWith('.test.yml') === tests)
      .map((file) => join(folder, basename(file)));

  test('accepts the rule files', () => {
    if (promtool === undefined) return;
    expect(execFileSync(promtool, ['check', 'rules', ...written(false)], { encoding: 'utf8' })).toContain('SUCCESS');
  });

  test('every alert has a case in which it fires and one in which it is silent', () => {
    const texts = written(true).map((file) => readFileSync(file, 'utf8'));
    const cases = texts.flatMap((text) => [...text.matchAll(/name: ["']?(.+) (fires|is silent)["']?$/gm)]);
    const named = (what: string) => cases.filter(([, , its]) => its === what).flatMap(([, names = '']) => names.split(', '));
    const alerts = allAlerts.map(({ alert }) => alert).toSorted();
    expect(named('fires').toSorted()).toEqual(alerts);
    expect(named('is silent').toSorted()).toEqual(alerts);
  });

  test('finds that every alert fires under its cause, and not without it', () => {
    if (promtool === undefined) return;
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', ...written(true)], { encoding: 'utf8' });
    expect({ status, problems: status === 0 ? '' : `${stdout}\n${stderr}` }).toEqual({ status: 0, problems: '' });
  });
});

describe('toYaml', () => {
  test('quotes what would be taken for something else', () => {
    const text = toYaml({ plain: 'a/b.md', on: 'no', list: [{ a: 1, b: ['x y', '5m'] }, 'z'], none: [], empty: {} });
    expect(text.trimStart()).toBe(
      'plain: a/b.md\n"on": "no"\nlist:\n  - a: 1\n    b:\n      - "x y"\n      - "5m"\n  - z\nnone: []\nempty: {}',
    );
  });
});
