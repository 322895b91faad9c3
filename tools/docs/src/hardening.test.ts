import { describe, expect, test } from '@jest/globals';
import { EMERGENCY_ACTIONS, type Profile, profiles } from '@mainstay/hardening';
import { defaultBackoff, defaultLevels } from '@mainstay/utils';
import { between } from './markdown.ts';
import { textOf } from './repository.ts';

const FILE = 'docs/HARDENING.md';

/** Cells of the table under the marker, without its head. */
function rowsOf(marker: string): readonly (readonly string[])[] {
  const lines = (between(textOf(FILE), marker) ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The number that a source names as the default of an option. */
function defaultIn(file: string, option: string): number {
  const [, digits] = new RegExp(`${option} \\?\\? ([\\d_]+)`).exec(textOf(file)) ?? [];
  return Number(digits?.replaceAll('_', ''));
}

const number = (value: number): string => value.toLocaleString('en-GB');
const seconds = (ms: number): string => `${number(ms / 1_000)} s`;
const percent = (value: number): string => `${number(value)} %`;
const megabytes = (bytes: number): string => `${number(bytes / 1_048_576)} MB`;
const { staging, production, enterprise } = profiles;
const all = (show: (profile: Profile) => string): string => [staging, production, enterprise].map(show).join(', ');
const BREAKER = 'packages/shared/utils/src/circuit-breaker-options.ts';
const graceMs = Number(
  /MAINSTAY_SHUTDOWN_GRACE_MS: durationMs\(\)\s*\.prefault\('(\d+)'\)/.exec(textOf('packages/shared/config/src/schemas.ts'))?.[1],
);

/** Every number as the code has it. */
const IN_CODE: Readonly<Record<string, string>> = {
  'retry: first wait': seconds(defaultBackoff.baseMs),
  'retry: longest wait': seconds(defaultBackoff.maxMs),
  'retry: retries by default': number(defaultIn('packages/shared/utils/src/retry-options.ts', 'options.maxAttempts') - 1),
  'breaker: failures that open it': percent(defaultIn(BREAKER, 'options.failurePercent')),
  'breaker: of how many calls': number(defaultIn(BREAKER, 'options.minimumCalls')),
  'breaker: open for': seconds(defaultIn(BREAKER, 'options.openMs')),
  'breaker: probes when half-open': number(defaultIn(BREAKER, 'options.probes')),
  'timeout of an operation': seconds(defaultLevels.operation.ms),
  'timeout of a request': seconds(defaultLevels.request.ms),
  'timeout of a session': seconds(defaultLevels.session.ms),
  'timeout of the system': seconds(defaultLevels.system.ms),
  'drain at shutdown': seconds(graceMs),
  'memory: staging, production, enterprise': all(({ memoryLimitBytes }) => megabytes(memoryLimitBytes)),
  'CPU: staging, production, enterprise': all(({ cpuLimitPercent }) => percent(cpuLimitPercent)),
  'operations: staging, production, enterprise': all(({ maxConcurrent }) => number(maxConcurrent)),
  'security: staging, production, enterprise': all(({ security }) => security),
  'frameworks of staging': staging.compliance.join(', '),
  'frameworks of production': production.compliance.join(', '),
  'frameworks of enterprise': enterprise.compliance.join(', '),
  'emergency: memory above': percent(100 * production.emergency.memoryShare),
  'emergency: health below': number(production.emergency.healthScore),
  'baseline: 95th percentile of responses': seconds(production.baseline.responseMs),
  'baseline: operations per second': number(production.baseline.operationsPerSecond),
  'baseline: errors': percent(production.baseline.errorPercent),
  'baseline: uptime': percent(production.baseline.uptimePercent),
  'certification: health': number(production.certification.healthScore),
  'certification: security score': number(production.certification.securityScore),
  'certification: tests that pass': percent(production.certification.testPassPercent),
  'cost of hardening: throughput': percent(production.overhead.percent),
  'cost of hardening: memory': megabytes(production.overhead.memoryBytes),
};

describe(FILE, () => {
  test('gives every number as the code has it', () => {
    const shown = rowsOf('numbers').map(([label = '', value = '']) => [label, value.replace(/ \(an example names .*\)$/, '')]);
    expect(Object.fromEntries(shown)).toEqual(IN_CODE);
  });

  test('is the same for all profiles where it names one number', () => {
    for (const profile of [staging, enterprise]) {
      const { timeouts, emergency, baseline, certification, overhead } = production;
      expect(profile).toMatchObject({ timeouts, emergency, baseline, certification, overhead });
    }
    const { operationMs, requestMs, sessionMs, systemMs } = production.timeouts;
    const { operation, request, session, system } = defaultLevels;
    expect([operationMs, requestMs, sessionMs, systemMs]).toEqual([operation.ms, request.ms, session.ms, system.ms]);
  });

  test('names things that are where it says', () => {
    const places = [
      ...rowsOf('numbers').map(([, , place = '']) => place),
      ...rowsOf('names').map(([, name = '', file = '']) => `${name} in ${file}`),
    ];
    expect(places.length).toBeGreaterThan(70);
    for (const place of places) {
      const [, name = '', file = ''] = /^`([^`]+)` in \[[^\]]+\]\(\.\.\/([^)]+)\)$/.exec(place) ?? [];
      expect([place, file !== '' && textOf(file).includes(name.replace('()', '('))]).toEqual([place, true]);
    }
  });

  test('has the six actions of an emergency', () => {
    const actions = rowsOf('names').filter(([asked = '']) => asked.startsWith('emergency action'));
    expect(actions.map(([, name = '']) => name.replaceAll('`', ''))).toEqual([...EMERGENCY_ACTIONS]);
  });

  test('gives a reason for everything that is otherwise', () => {
    const [, table = ''] = textOf(FILE).split('## What is otherwise, and why');
    const rows = table
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(row.split('|')[2]?.trim().length).toBeGreaterThan(20);
  });
});
