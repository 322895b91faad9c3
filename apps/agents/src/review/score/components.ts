import { isTest } from '../listing/file-roles.ts';
import type { Component, Deduction, Dependencies, Duplicates, Inventory, Lint, Secrets } from '../model.ts';
import { plural } from '../tally.ts';
import { assess } from './deductions.ts';

const at = (path: string, line: number): string => `${path}:${String(line)}`;
const round = (value: number): string => (Math.round(value * 10) / 10).toLocaleString('en');

/** Points grow with the square root: the first findings weigh most, and a flood does not drown everything else. */
const grows = (rate: number, factor: number): number => factor * Math.sqrt(rate);

export function lintComponent(lint: Lint, codeLines: number): Component {
  const thousands = Math.max(codeLines / 1000, 1);
  const found = (severity: 'error' | 'warning'): string[] =>
    lint.findings.filter((one) => one.severity === severity).map(({ path, line }) => at(path, line));
  const deductions: Deduction[] = [
    {
      points: Math.min(70, grows(lint.errors / thousands, 18)),
      reason: `${plural(lint.errors, 'error')} in ${plural(lint.filesChecked, 'linted file')} (${round(lint.errors / thousands)} per 1,000 lines of code)`,
      where: found('error'),
    },
    {
      points: Math.min(30, grows(lint.warnings / thousands, 6)),
      reason: `${plural(lint.warnings, 'warning')} (${round(lint.warnings / thousands)} per 1,000 lines of code)`,
      where: found('warning'),
    },
  ];
  return assess({ id: 'lint', title: 'Likely mistakes', weight: 25, measured: lint.measured, deductions, notes: lint.notes });
}

export function secretsComponent(secrets: Secrets): Component {
  const serious = secrets.findings - secrets.inTests;
  const places = (test: boolean): string[] => secrets.places.filter((one) => one.test === test).map(({ path, line }) => at(path, line));
  const deductions: Deduction[] = [
    {
      points: serious === 0 ? 0 : Math.min(100, 60 + 10 * serious),
      reason: `${plural(serious, 'likely secret')} outside tests`,
      where: places(false),
    },
    {
      points: Math.min(30, 5 * secrets.inTests),
      reason: `${plural(secrets.inTests, 'likely secret')} in tests or fixtures`,
      where: places(true),
    },
  ];
  return assess({ id: 'secrets', title: 'Leaked secrets', weight: 25, measured: secrets.measured, deductions, notes: secrets.notes });
}

export function duplicatesComponent(duplicates: Duplicates): Component {
  const free = 3;
  const deductions: Deduction[] = [
    {
      points: Math.min(100, Math.max(0, duplicates.percentage - free) * 4),
      reason: `${String(duplicates.percentage)} % of the lines occur more than once, in ${plural(duplicates.clones, 'clone')} (${String(free)} % are free)`,
      where: duplicates.largest.map(({ first }) => at(first.path, first.start)),
    },
  ];
  return assess({
    id: 'duplicates',
    title: 'Duplicated code',
    weight: 15,
    measured: duplicates.measured,
    deductions,
    notes: duplicates.notes,
  });
}

export function dependenciesComponent(facts: Dependencies): Component {
  const share = facts.locked === 0 ? 0 : facts.severalVersionsCount / facts.locked;
  const deductions: Deduction[] = [
    {
      points: Math.min(30, 15 * facts.missingLockfiles.length),
      reason: `${plural(facts.missingLockfiles.length, 'manifest')} without a lockfile: installs are not repeatable`,
      where: facts.missingLockfiles,
    },
    {
      points: Math.min(40, 10 * facts.strongCopyleftCount),
      reason: `${plural(facts.strongCopyleftCount, 'package')} under a strong copyleft licence`,
      where: facts.copyleft.filter(({ strength }) => strength === 'strong').map(({ name, licence }) => `${name} (${licence})`),
    },
    {
      points: Math.min(10, facts.weakCopyleftCount),
      reason: `${plural(facts.weakCopyleftCount, 'package')} under a weak copyleft licence`,
      where: facts.copyleft.filter(({ strength }) => strength === 'weak').map(({ name, licence }) => `${name} (${licence})`),
    },
    {
      points: Math.min(20, 3 * facts.unlicensedCount),
      reason: `${plural(facts.unlicensedCount, 'package')} without a licence`,
      where: facts.unlicensed,
    },
    {
      points: Math.min(20, 100 * share),
      reason: `${plural(facts.severalVersionsCount, 'package')} at several versions at once (${round(share * 100)} % of ${String(facts.locked)})`,
      where: facts.severalVersions.map(({ name, versions }) => `${name} ${versions.join(', ')}`),
    },
    {
      points: Math.min(15, facts.installScriptsCount),
      reason: `${plural(facts.installScriptsCount, 'package')} that run a script when installed`,
      where: facts.installScripts,
    },
  ];
  return assess({
    id: 'dependencies',
    title: 'Dependencies and licences',
    weight: 15,
    measured: facts.measured,
    deductions,
    notes: facts.notes,
  });
}

export function structureComponent(inventory: Inventory): Component {
  const long = inventory.longestFiles.filter(({ lines }) => (lines ?? 0) > 500);
  const testShare = inventory.codeLines === 0 ? 0 : inventory.testLines / inventory.codeLines;
  const hot = (inventory.history?.hotspots ?? []).filter(({ path, commits, lines }) => commits >= 20 && lines >= 300 && !isTest(path));
  const deductions: Deduction[] = [
    {
      points: Math.min(40, 4 * long.length),
      reason: `${plural(long.length, 'file')} of more than 500 lines${long.length === inventory.longestFiles.length ? ' among the longest alone' : ''}`,
      where: long.map(({ path, lines }) => `${path} (${String(lines)} lines)`),
    },
    {
      points: testShare >= 0.3 ? 0 : 40 * (1 - testShare / 0.3),
      reason: `${round(testShare * 100)} % of the lines of code are tests (30 % are expected)`,
      where: [],
    },
    {
      points: Math.min(20, 4 * hot.length),
      reason: `${plural(hot.length, 'hot spot')}: files of 300 lines or more that changed 20 times or more, tests aside`,
      where: hot.map(({ path, commits }) => `${path} (${String(commits)} commits)`),
    },
  ];
  return assess({
    id: 'structure',
    title: 'Structure',
    weight: 12,
    measured: inventory.codeFiles > 0,
    deductions,
    notes: ['There is no code here.'],
  });
}

export function hygieneComponent({ present, measured }: Inventory): Component {
  const lacks = (is: boolean, points: number, reason: string): Deduction => ({ points: is ? 0 : points, reason, where: [] });
  const deductions = [
    lacks(present.readme, 30, 'No README at the top'),
    lacks(present.licence, 25, 'No licence at the top'),
    lacks(present.ci, 25, 'No continuous integration that we know of'),
    lacks(present.lintConfig, 10, 'No configuration of a linter'),
    lacks(present.changelog, 10, 'No change log'),
  ];
  return assess({ id: 'hygiene', title: 'Customary files', weight: 8, measured, deductions, notes: ['There are no files here.'] });
}
