import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ScoreInput } from '../model.ts';
import { reportOf, tidyFigures } from '../testing/sample-figures.ts';
import { sampleFolder } from '../testing/sample-folder.ts';
import { htmlReport } from './html-report.ts';
import { markdownReport } from './markdown-report.ts';
import { reportName, writeReport } from './write-report.ts';

const AT = '2026-06-01T12:34:56.000Z';
const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(2)>'|[a](javascript:alert(3))`;

/** Every text that comes from the reviewed repository is an attack. */
function evilFigures(): ScoreInput {
  const figures = tidyFigures();
  const fragment = { path: EVIL, start: 1, end: 9 };
  return {
    inventory: {
      ...figures.inventory,
      name: EVIL,
      notes: [EVIL],
      languages: [{ language: EVIL, files: 1, lines: 1, bytes: 1 }],
      longestFiles: [{ path: EVIL, bytes: 1, lines: 900, language: EVIL }],
      history: {
        commits: 1,
        authors: 1,
        firstAt: null,
        lastAt: null,
        truncated: false,
        hotspots: [{ path: EVIL, commits: 30, churn: 1, authors: 1, lines: 900, heat: 1, daysSinceChange: 0 }],
      },
    },
    lint: {
      ...figures.lint,
      errors: 1,
      rules: [{ rule: EVIL, severity: 'error', count: 1, message: EVIL }],
      findings: [{ path: EVIL, line: 1, column: 1, rule: EVIL, severity: 'error', message: EVIL }],
      notes: [EVIL],
    },
    secrets: {
      ...figures.secrets,
      findings: 1,
      places: [{ path: EVIL, line: 1, rule: EVIL, masked: EVIL.slice(0, 60), test: false }],
      notes: [EVIL],
    },
    duplicates: {
      ...figures.duplicates,
      clones: 1,
      percentage: 50,
      largest: [{ language: EVIL, lines: 9, tokens: 9, first: fragment, second: fragment }],
      files: [{ path: EVIL, duplicatedLines: 9 }],
      notes: [EVIL],
    },
    dependencies: {
      ...figures.dependencies,
      manifests: [{ path: EVIL, ecosystem: 'npm', name: EVIL, direct: 1, development: 1, lockfile: EVIL, runtime: EVIL }],
      licences: [{ licence: EVIL, count: 1 }],
      copyleft: [{ name: EVIL, licence: EVIL, strength: 'strong' }],
      strongCopyleftCount: 1,
      unlicensed: [EVIL],
      unlicensedCount: 1,
      severalVersions: [{ name: EVIL, versions: [EVIL.slice(0, 50)] }],
      severalVersionsCount: 1,
      installScripts: [EVIL],
      installScriptsCount: 1,
      missingLockfiles: [EVIL],
      notes: [EVIL],
    },
  };
}

describe('htmlReport', () => {
  test('is one document that loads nothing and runs nothing', () => {
    const text = htmlReport(reportOf(tidyFigures()), 'run-1', AT);
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|\bhref=|@import|url\(|https?:/i);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    for (const section of ['score', 'inventory', 'history', 'lint', 'secrets', 'duplicates', 'dependencies'])
      expect(text).toContain(`<section id="${section}">`);
  });

  test('whatever the repository is called and contains, no markup of its own appears', () => {
    const text = htmlReport(reportOf(evilFigures()), EVIL, AT);
    const tags = new Set([...text.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map(([, tag = '']) => tag.toLowerCase()));
    for (const tag of ['script', 'img', 'a']) expect(tags).not.toContain(tag);
    expect(text).not.toMatch(/<[^>]*\son\w+\s*=/i);
    expect(text.split('&lt;script&gt;alert(1)').length).toBeGreaterThan(20);
  });

  test('every element that is opened is closed', () => {
    for (const figures of [tidyFigures(), evilFigures()]) {
      const text = htmlReport(reportOf(figures), 'run', AT).replace(/<style>[\s\S]*?<\/style>/, '');
      const open: string[] = [];
      for (const [, close, tag = '', self] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
        if (tag === 'meta' || self === '/') continue;
        if (close === '') open.push(tag);
        else expect(open.pop()).toBe(tag);
      }
      expect(open).toEqual([]);
    }
  });

  test('nothing to review is a valid report that says so', () => {
    const figures = tidyFigures();
    const empty = reportOf({
      ...figures,
      inventory: { ...figures.inventory, measured: false, codeFiles: 0, notes: ['There are no files to review here.'] },
    });
    expect(htmlReport(empty, 'run', AT)).toContain('<h2>Nothing to review</h2>');
    expect(htmlReport(empty, 'run', AT)).not.toContain('id="lint"');
    expect(markdownReport(empty, 'run', AT)).toContain('**Nothing to review**');
  });
});

describe('markdownReport', () => {
  test('has a line for each part of the score', () => {
    const text = markdownReport(reportOf(tidyFigures()), 'run-1', AT);
    expect(text).toContain('**Score 100 of 100, grade A**');
    expect(text).toContain('| Leaked secrets | 25 | 100 |');
    expect(text).toContain('2026-06-01 12:34 UTC · run run-1');
  });

  test('no name breaks a table or becomes markup', () => {
    const text = markdownReport(reportOf(evilFigures()), 'run', AT);
    expect(text).not.toMatch(/(^|[^\\])<(script|img)/m);
    expect(text).not.toMatch(/(^|[^\\])\[a\]\(javascript/m);
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    for (const row of rows) expect(row.endsWith(' |')).toBe(true);
    expect(rows.length).toBeGreaterThan(20);
  });
});

describe('writeReport', () => {
  const options = (reportsDir: string, run = 'run-1') => ({
    reportsDir,
    run,
    signal: new AbortController().signal,
    now: () => Date.parse(AT),
  });

  test('writes both files, and the same two when it is done again', async () => {
    await using folder = await sampleFolder();
    const reportsDir = join(folder.path, 'deep/reports');
    const first = await writeReport(reportOf(tidyFigures()), options(reportsDir));
    expect(first).toEqual({
      html: join(reportsDir, 'review-run-1.html'),
      markdown: join(reportsDir, 'review-run-1.md'),
      score: 100,
      grade: 'A',
      summary: expect.stringContaining('Score 100'),
    });
    const text = await readFile(first.html, 'utf8');
    expect(await writeReport(reportOf(tidyFigures()), options(reportsDir))).toEqual(first);
    expect(await readFile(first.html, 'utf8')).toBe(text);
    expect((await readdir(reportsDir)).sort()).toEqual(['review-run-1.html', 'review-run-1.md']);
  });

  test('two attempts at once leave two whole files and no draft', async () => {
    await using folder = await sampleFolder();
    await Promise.all(Array.from({ length: 8 }, () => writeReport(reportOf(tidyFigures()), options(folder.path))));
    expect((await readdir(folder.path)).sort()).toEqual(['review-run-1.html', 'review-run-1.md']);
    expect(await readFile(join(folder.path, 'review-run-1.html'), 'utf8')).toMatch(/<\/html>$/);
  });

  test('goes to the folder that the input names', async () => {
    await using folder = await sampleFolder();
    const { html } = await writeReport(reportOf(tidyFigures(), join(folder.path, 'mine')), options('/nowhere'));
    expect(html).toBe(join(folder.path, 'mine/review-run-1.html'));
  });

  test('refuses a relative folder for good', async () => {
    await expect(writeReport(reportOf(tidyFigures(), 'here'), options('/tmp'))).rejects.toMatchObject({
      code: 'AGENT_REJECTED',
      disposition: 'terminal',
    });
  });

  test('a folder that cannot be made is a failure that names it', async () => {
    await using folder = await sampleFolder({ file: 'x' });
    const reportsDir = join(folder.path, 'file/reports');
    await expect(writeReport(reportOf(tidyFigures()), options(reportsDir))).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: expect.stringContaining(reportsDir),
    });
  });

  test('a run id cannot lead out of the folder', () => {
    expect(reportName('0198-abc')).toBe('review-0198-abc');
    expect(reportName('../../etc/passwd')).toMatch(/^review-______etc_passwd-[0-9a-f]{12}$/);
    expect(reportName('a/b')).not.toBe(reportName('a_b'));
    expect(reportName('')).toMatch(/^review--[0-9a-f]{12}$/);
  });
});
