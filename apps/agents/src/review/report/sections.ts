import type { Component, Dependencies, Duplicates, Inventory, Lint, Secrets } from '../model.ts';
import { barChart, scatter, toneOf } from './charts.ts';
import { formatBytes, formatDate } from './format.ts';
import { Html, markup } from './escape.ts';
import { facts, notes, table } from './tables.ts';

const nothing = new Html('');

export function scoreSection(components: readonly Component[]): Html {
  const bars = components.map(({ title, score }) =>
    score === null
      ? { label: title, value: 0, text: 'not measured' }
      : { label: title, value: score, text: `${String(Math.round(score))} / 100`, tone: toneOf(score) },
  );
  const rows = components.flatMap(({ title, deductions }) => deductions.map((one) => ({ title, ...one })));
  return markup`<section id="score"><h2>Why this score</h2>${barChart('Score by part', bars, 100)}${table(
    [
      { title: 'Part', cell: ({ title }) => title },
      { title: 'Points lost', cell: ({ points }) => `−${String(points)}`, kind: 'n' },
      { title: 'Reason', cell: ({ reason }) => reason },
      { title: 'For example', cell: ({ where }) => where.join(' · '), kind: 'path' },
    ],
    rows,
    60,
  )}${notes(components.flatMap(({ title, note }) => (note === null ? [] : [`${title}: ${note}`])))}</section>`;
}

export function inventorySection(inventory: Inventory): Html {
  const total = inventory.languages.reduce((sum, { lines }) => sum + lines, 0);
  const bars = inventory.languages.slice(0, 10).map(({ language, lines }) => ({
    label: language,
    value: lines,
    text: `${lines.toLocaleString('en')} (${total === 0 ? '0' : ((lines / total) * 100).toFixed(1)} %)`,
  }));
  return markup`<section id="inventory"><h2>What is there</h2>${facts([
    ['Files', inventory.files],
    ['Lines', inventory.lines],
    ['Size', formatBytes(inventory.bytes)],
    ['Code files', inventory.codeFiles],
    ['Test files', inventory.testFiles],
    ['Binary files', inventory.binaryFiles],
  ])}${
    bars.length === 0 ? nothing : markup`<h3>Lines by language</h3>${barChart('Lines by language', bars)}`
  }${inventory.longestFiles.length === 0 ? nothing : markup`<h3>Longest files of code, without tests</h3>`}${table(
    [
      { title: 'File', cell: ({ path }) => path, kind: 'path' },
      { title: 'Language', cell: ({ language }) => language },
      { title: 'Lines', cell: ({ lines }) => lines ?? 0, kind: 'n' },
      { title: 'Size', cell: ({ bytes }) => formatBytes(bytes), kind: 'n' },
    ],
    inventory.longestFiles,
    10,
  )}${notes(inventory.notes)}</section>`;
}

export function historySection({ history }: Inventory): Html {
  if (history === null || history.commits === 0) return nothing;
  const { hotspots } = history;
  return markup`<section id="history"><h2>Where the work is</h2>${facts([
    [history.truncated ? 'Commits looked at' : 'Commits', history.commits],
    ['Authors', history.authors],
    ['First', formatDate(history.firstAt)],
    ['Last', formatDate(history.lastAt)],
  ])}${hotspots.length === 0 ? nothing : markup`<h3>Hot spots: large files that change often</h3>`}${scatter(
    'Hot spots',
    'commits',
    'lines',
    hotspots.map(({ path, commits, lines }) => ({ label: path, x: commits, y: lines })),
  )}${table(
    [
      { title: 'File', cell: ({ path }) => path, kind: 'path' },
      { title: 'Commits', cell: ({ commits }) => commits, kind: 'n' },
      { title: 'Lines changed', cell: ({ churn }) => churn, kind: 'n' },
      { title: 'Lines', cell: ({ lines }) => lines, kind: 'n' },
      { title: 'Authors', cell: ({ authors }) => authors, kind: 'n' },
      { title: 'Days since change', cell: ({ daysSinceChange }) => daysSinceChange, kind: 'n' },
    ],
    hotspots,
    12,
  )}</section>`;
}

export function lintSection(lint: Lint): Html {
  const bars = lint.rules.slice(0, 12).map(({ rule, severity, count }) => ({
    label: rule,
    value: count,
    text: `${count.toLocaleString('en')} ${severity === 'error' ? (count === 1 ? 'error' : 'errors') : count === 1 ? 'warning' : 'warnings'}`,
    tone: severity === 'error' ? ('bad' as const) : ('fair' as const),
  }));
  return markup`<section id="lint"><h2>Likely mistakes</h2>${facts([
    ['Files checked', lint.filesChecked],
    ['Errors', lint.errors],
    ['Warnings', lint.warnings],
  ])}${bars.length === 0 ? nothing : markup`<h3>Findings by rule</h3>${barChart('Findings by rule', bars)}<h3>Findings</h3>`}${table(
    [
      { title: 'Place', cell: ({ path, line }) => `${path}:${String(line)}`, kind: 'path' },
      { title: 'Severity', cell: ({ severity }) => severity },
      { title: 'Rule', cell: ({ rule }) => rule },
      { title: 'Message', cell: ({ message }) => message },
    ],
    lint.findings,
    60,
    lint.errors + lint.warnings,
  )}${notes(lint.notes)}</section>`;
}

export function secretsSection(secrets: Secrets): Html {
  const verdict =
    secrets.findings > 0
      ? markup`<p class="bad-text">Revoke these first, then remove them from the files and the history.</p>`
      : secrets.measured
        ? markup`<p>No leaked secret was found.</p>`
        : nothing;
  return markup`<section id="secrets"><h2>Leaked secrets</h2>${facts([
    ['Files searched', secrets.filesChecked],
    ['Findings', secrets.findings],
    ['Of these in tests', secrets.inTests],
  ])}${verdict}${table(
    [
      { title: 'Place', cell: ({ path, line }) => `${path}:${String(line)}`, kind: 'path' },
      { title: 'Kind', cell: ({ rule }) => rule },
      { title: 'Masked', cell: ({ masked }) => masked, kind: 'path' },
      { title: 'In tests', cell: ({ test }) => (test ? 'yes' : 'no') },
    ],
    secrets.places,
    60,
    secrets.findings,
  )}${notes(secrets.notes)}</section>`;
}

export function duplicatesSection(duplicates: Duplicates): Html {
  const bars = duplicates.files.slice(0, 10).map(({ path, duplicatedLines }) => ({ label: path, value: duplicatedLines }));
  return markup`<section id="duplicates"><h2>Duplicated code</h2>${facts([
    ['Files compared', duplicates.filesChecked],
    ['Clones', duplicates.clones],
    ['Duplicated lines', duplicates.duplicatedLines],
    ['Share', `${String(duplicates.percentage)} %`],
  ])}${
    bars.length === 0
      ? nothing
      : markup`<h3>Duplicated lines by file</h3>${barChart('Duplicated lines by file', bars)}<h3>Largest clones</h3>`
  }${table(
    [
      { title: 'Lines', cell: ({ lines }) => lines, kind: 'n' },
      { title: 'First', cell: ({ first }) => `${first.path}:${String(first.start)}–${String(first.end)}`, kind: 'path' },
      { title: 'Second', cell: ({ second }) => `${second.path}:${String(second.start)}–${String(second.end)}`, kind: 'path' },
    ],
    duplicates.largest,
    20,
    duplicates.clones,
  )}${notes(duplicates.notes)}</section>`;
}

export function dependenciesSection(found: Dependencies): Html {
  const bars = found.licences.slice(0, 10).map(({ licence, count }) => ({ label: licence, value: count }));
  const flagged = [
    ...found.copyleft.map(({ name, licence, strength }) => ({ name, why: `${strength} copyleft: ${licence}` })),
    ...found.unlicensed.map((name) => ({ name, why: 'states no licence' })),
    ...found.installScripts.map((name) => ({ name, why: 'runs a script when installed' })),
    ...found.missingLockfiles.map((name) => ({ name, why: 'has no lockfile' })),
  ];
  const total =
    found.strongCopyleftCount + found.weakCopyleftCount + found.unlicensedCount + found.installScriptsCount + found.missingLockfiles.length;
  return markup`<section id="dependencies"><h2>Dependencies and licences</h2>${facts([
    ['Direct', found.direct],
    ['For development', found.development],
    ['Locked packages', found.locked],
    ['Transitive', found.transitive],
    ['At several versions', found.severalVersionsCount],
  ])}${
    bars.length === 0 ? nothing : markup`<h3>Packages by licence</h3>${barChart('Packages by licence', bars)}`
  }${flagged.length === 0 ? nothing : markup`<h3>Worth a look</h3>`}${table(
    [
      { title: 'What', cell: ({ name }) => name, kind: 'path' },
      { title: 'Why', cell: ({ why }) => why },
    ],
    flagged,
    40,
    total,
  )}${found.severalVersions.length === 0 ? nothing : markup`<h3>Packages at several versions</h3>`}${table(
    [
      { title: 'Package', cell: ({ name }) => name, kind: 'path' },
      { title: 'Versions', cell: ({ versions }) => versions.join(', ') },
    ],
    found.severalVersions,
    15,
    found.severalVersionsCount,
  )}${found.manifests.length === 0 ? nothing : markup`<h3>Manifests</h3>`}${table(
    [
      { title: 'Manifest', cell: ({ path }) => path, kind: 'path' },
      { title: 'Direct', cell: ({ direct }) => direct, kind: 'n' },
      { title: 'Development', cell: ({ development }) => development, kind: 'n' },
      { title: 'Lockfile', cell: ({ lockfile }) => lockfile ?? '–', kind: 'path' },
      { title: 'Runtime', cell: ({ runtime }) => runtime ?? '–' },
    ],
    found.manifests,
    30,
  )}${notes(found.notes)}</section>`;
}
