import type { ReportInput } from '../model.ts';
import { escapeMarkdown as safe } from './escape.ts';
import { formatBytes, formatDate } from './format.ts';

type Row = readonly (string | number)[];

function table(head: Row, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: Row): string =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : safe(cell))).join(' | ')} |`;
  return ['', line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), ''];
}

const bullets = (texts: readonly string[]): string[] => (texts.length === 0 ? [] : ['', ...texts.map((text) => `- ${safe(text)}`), '']);

/** The same report in Markdown: shorter lists, no charts. */
export function markdownReport(input: ReportInput, run: string, at: string): string {
  const { inventory, lint, secrets, duplicates, dependencies, score } = input;
  const head = [
    `# Review of ${safe(inventory.name)}`,
    '',
    `${at.slice(0, 16).replace('T', ' ')} UTC · run ${safe(run)}`,
    '',
    `**${score.score === null ? 'Nothing to review' : `Score ${String(score.score)} of 100, grade ${score.grade}`}**`,
    '',
    safe(score.summary),
    ...(score.cap === null ? [] : ['', `**${safe(score.cap.reason)}**`]),
  ];
  if (!inventory.measured) return [...head, ...bullets(inventory.notes), ''].join('\n');
  const deductions = score.components.flatMap(({ title, deductions: all }) =>
    all.map(({ points, reason, where }) => [title, `−${String(points)}`, reason, where.slice(0, 3).join(', ')]),
  );
  return [
    ...head,
    '',
    '## Why this score',
    ...table(
      ['Part', 'Weight', 'Score'],
      score.components.map(({ title, weight, score: part }) => [title, weight, part ?? 'not measured']),
    ),
    ...table(['Part', 'Points', 'Reason', 'For example'], deductions),
    '## What is there',
    '',
    `${inventory.files.toLocaleString('en')} files, ${inventory.lines.toLocaleString('en')} lines, ${formatBytes(inventory.bytes)}.`,
    ...table(
      ['Language', 'Files', 'Lines'],
      inventory.languages.slice(0, 10).map(({ language, files, lines }) => [language, files, lines]),
    ),
    ...bullets(inventory.notes),
    ...(inventory.history === null || inventory.history.commits === 0
      ? []
      : [
          '## Where the work is',
          '',
          `${inventory.history.commits.toLocaleString('en')} commits by ${inventory.history.authors.toLocaleString('en')} authors, ${formatDate(inventory.history.firstAt)} to ${formatDate(inventory.history.lastAt)}.`,
          ...table(
            ['Hot spot', 'Commits', 'Lines changed', 'Lines', 'Authors'],
            inventory.history.hotspots
              .slice(0, 10)
              .map(({ path, commits, churn, lines, authors }) => [path, commits, churn, lines, authors]),
          ),
        ]),
    '## Likely mistakes',
    '',
    `${lint.errors.toLocaleString('en')} errors and ${lint.warnings.toLocaleString('en')} warnings in ${lint.filesChecked.toLocaleString('en')} files.`,
    ...table(
      ['Rule', 'Severity', 'Count'],
      lint.rules.slice(0, 15).map(({ rule, severity, count }) => [rule, severity, count]),
    ),
    ...table(
      ['Place', 'Rule', 'Message'],
      lint.findings.slice(0, 25).map(({ path, line, rule, message }) => [`${path}:${String(line)}`, rule, message]),
    ),
    ...bullets(lint.notes),
    '## Leaked secrets',
    '',
    `${secrets.findings.toLocaleString('en')} likely secrets in ${secrets.filesChecked.toLocaleString('en')} files, ${secrets.inTests.toLocaleString('en')} of them in tests.`,
    ...table(
      ['Place', 'Kind', 'Masked'],
      secrets.places.slice(0, 25).map(({ path, line, rule, masked }) => [`${path}:${String(line)}`, rule, masked]),
    ),
    ...bullets(secrets.notes),
    '## Duplicated code',
    '',
    `${duplicates.clones.toLocaleString('en')} clones, ${duplicates.duplicatedLines.toLocaleString('en')} lines, ${String(duplicates.percentage)} %.`,
    ...table(
      ['Lines', 'First', 'Second'],
      duplicates.largest
        .slice(0, 15)
        .map(({ lines, first, second }) => [lines, `${first.path}:${String(first.start)}`, `${second.path}:${String(second.start)}`]),
    ),
    ...bullets(duplicates.notes),
    '## Dependencies and licences',
    '',
    `${dependencies.direct.toLocaleString('en')} direct, ${dependencies.development.toLocaleString('en')} for development, ${dependencies.locked.toLocaleString('en')} locked packages, ${dependencies.severalVersionsCount.toLocaleString('en')} of them at several versions.`,
    ...table(
      ['Licence', 'Packages'],
      dependencies.licences.slice(0, 15).map(({ licence, count }) => [licence, count]),
    ),
    ...table(
      ['Worth a look', 'Why'],
      [
        ...dependencies.copyleft.slice(0, 15).map(({ name, licence, strength }) => [name, `${strength} copyleft: ${licence}`]),
        ...dependencies.unlicensed.slice(0, 15).map((name) => [name, 'states no licence']),
        ...dependencies.missingLockfiles.slice(0, 15).map((name) => [name, 'has no lockfile']),
      ],
    ),
    ...bullets(dependencies.notes),
  ].join('\n');
}
