import type { ReportInput, ScoreInput } from '../model.ts';
import { score } from '../score/score.ts';

/** Figures of a tidy repository, from which tests change what they are about. */
export function tidyFigures(): ScoreInput {
  return {
    inventory: {
      measured: true,
      notes: [],
      name: 'sample',
      git: true,
      files: 20,
      codeFiles: 10,
      testFiles: 4,
      binaryFiles: 0,
      bytes: 50_000,
      lines: 2500,
      codeLines: 2000,
      testLines: 800,
      skipped: { symbolicLinks: 0, unreadable: 0, special: 0 },
      languages: [{ language: 'TypeScript', files: 10, lines: 2000, bytes: 40_000 }],
      largestFiles: [{ path: 'src/a.ts', bytes: 9000, lines: 300, language: 'TypeScript' }],
      longestFiles: [{ path: 'src/a.ts', bytes: 9000, lines: 300, language: 'TypeScript' }],
      present: { readme: true, licence: true, ci: true, changelog: true, lintConfig: true },
      history: {
        commits: 12,
        authors: 2,
        firstAt: '2026-01-01T00:00:00.000Z',
        lastAt: '2026-06-01T00:00:00.000Z',
        truncated: false,
        hotspots: [{ path: 'src/a.ts', commits: 9, churn: 400, authors: 2, lines: 300, heat: 74.1, daysSinceChange: 3 }],
      },
    },
    lint: { measured: true, notes: [], filesChecked: 10, errors: 0, warnings: 0, rules: [], findings: [] },
    secrets: { measured: true, notes: [], filesChecked: 20, findings: 0, inTests: 0, rules: [], places: [] },
    duplicates: {
      measured: true,
      notes: [],
      filesChecked: 10,
      lines: 2000,
      duplicatedLines: 0,
      percentage: 0,
      clones: 0,
      largest: [],
      files: [],
    },
    dependencies: {
      measured: true,
      notes: [],
      manifests: [
        { path: 'package.json', ecosystem: 'npm', name: 'sample', direct: 3, development: 2, lockfile: 'package-lock.json', runtime: null },
      ],
      direct: 3,
      development: 2,
      locked: 40,
      transitive: 35,
      severalVersions: [],
      severalVersionsCount: 0,
      licences: [{ licence: 'MIT', count: 40 }],
      copyleft: [],
      strongCopyleftCount: 0,
      weakCopyleftCount: 0,
      unlicensed: [],
      unlicensedCount: 0,
      installScripts: [],
      installScriptsCount: 0,
      missingLockfiles: [],
    },
  };
}

export function reportOf(figures: ScoreInput, outDir = ''): ReportInput {
  return { ...figures, score: score(figures), outDir };
}
