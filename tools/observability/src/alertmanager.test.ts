import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MonitoringPrograms } from '@mainstay/services';
import { inhibitions } from './alertmanager/causes.ts';
import { environments } from './alertmanager/environments.ts';
import { alertmanagerFile } from './alertmanager/alertmanager-file.ts';
import { windows } from './alertmanager/maintenance.ts';
import { type AlertRule, type Severity, SEVERITIES } from './rule.ts';
import { allAlerts } from './rule-groups.ts';
import { monitoringForTests } from './testing/monitoring.ts';
import { fullRangeMs, toldWithinMs } from './told-within.ts';
import { ALERTMANAGER, ROOT } from './written-files.ts';

const run = promisify(execFile);
const fileOf = (environment: string): string => join(ROOT, ALERTMANAGER, `${environment}.yml`);

/** Who must be told, written down a second time: a slip in the data shows here. */
const TOLD: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  staging: { critical: ['slack'], error: ['slack'], warning: ['slack'], info: [], 'second-line': ['slack'], watchdog: [] },
  production: {
    critical: ['pagerduty', 'slack', 'webhook'],
    error: ['pagerduty', 'slack', 'webhook'],
    warning: ['slack', 'webhook'],
    info: ['webhook'],
    'second-line': ['pagerduty', 'slack'],
    watchdog: ['webhook'],
  },
  enterprise: {
    critical: ['email', 'opsgenie', 'pagerduty', 'slack', 'webhook'],
    error: ['opsgenie', 'slack', 'webhook'],
    warning: ['email', 'slack', 'webhook'],
    info: ['email', 'webhook'],
    'second-line': ['email', 'opsgenie', 'pagerduty'],
    watchdog: ['webhook'],
  },
};

let programs: MonitoringPrograms | undefined;
beforeAll(async () => {
  programs = await monitoringForTests();
}, 300_000);

/** Name of the receiver that Alertmanager's own tool finds for the labels. */
async function receiverOf(amtool: string, environment: string, labels: Readonly<Record<string, string>>): Promise<string> {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await run(amtool, ['config', 'routes', 'test', `--config.file=${fileOf(environment)}`, ...pairs]);
  return stdout.trim();
}

/** The kinds of channels in the receiver's section of the committed file. */
function channelsOf(environment: string, receiver: string): string[] {
  const receivers = readFileSync(fileOf(environment), 'utf8').split(/^receivers:$/m)[1] ?? '';
  const section = receivers.split(/^ {2}- name: /m).find((text) => text.startsWith(`${receiver}\n`));
  if (section === undefined) throw new Error(`${environment} has no receiver ${receiver}`);
  return [...section.matchAll(/^ {4}(\w+)_configs:/gm)].map(([, kind = '']) => kind).toSorted();
}

describe.each(environments.map(({ name }) => name))('alertmanager/%s.yml', (environment) => {
  test('is accepted by amtool', async () => {
    if (programs === undefined) return;
    const { stdout } = await run(programs.amtool, ['check-config', fileOf(environment)]);
    expect(stdout).toContain('SUCCESS');
  });

  test('holds no secret, only names of files', () => {
    const text = readFileSync(fileOf(environment), 'utf8');
    expect(text).not.toMatch(/^\s*-?\s*\w*(?:_key|password|token|secret|credentials|api_url):/m);
    expect([...text.matchAll(/_file: ['"]?([^'"\s]+)/g)].every(([, path = '']) => path.startsWith('/etc/mainstay/alerting/'))).toBe(true);
  });

  test('every alert reaches those who must be told', async () => {
    if (programs === undefined) return;
    const { amtool } = programs;
    const wrong: unknown[] = [];
    for (const { alert, severity, labels = {} } of allAlerts) {
      const kind = alert === 'Watchdog' ? 'watchdog' : (labels['escalation'] ?? severity);
      const receiver = await receiverOf(amtool, environment, { alertname: alert, severity, ...labels });
      const told = channelsOf(environment, receiver);
      const wanted = TOLD[environment]?.[kind] ?? ['?'];
      if (JSON.stringify(told) !== JSON.stringify(wanted)) wrong.push({ alert, receiver, told, wanted });
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  test('an alert of somebody else, without a severity, is told as an error', async () => {
    if (programs === undefined) return;
    expect(await receiverOf(programs.amtool, environment, { alertname: 'DiskFull' })).toBe('error');
  });
});

describe('messages', () => {
  test('say what is wrong, how urgent it is and which runbook helps', async () => {
    if (programs === undefined) return;
    const data = join(ROOT, 'tools/observability/src/testing/message.json');
    const render = async (name: string) =>
      (
        await run(programs!.amtool, [
          'template',
          'render',
          `--template.glob=${join(ROOT, ALERTMANAGER, 'mainstay.tmpl')}`,
          `--template.data=${data}`,
          `--template.text={{ template "${name}" . }}`,
        ])
      ).stdout;
    expect(await render('mainstay.title')).toContain('[CRITICAL] RedisDown');
    expect(await render('mainstay.text')).toMatch(
      /No orchestrator gets an answer from Redis\.\s+Since 2026-01-02 03:04:05 UTC\. Runbook: docs\/runbooks\/redis-down\.md/,
    );
  });
});

describe('inhibitions', () => {
  const names = allAlerts.map(({ alert }) => alert);
  const matching = (pattern: string) => names.filter((name) => new RegExp(`^(?:${pattern})$`).test(name));

  test('name alerts that there are', () => {
    for (const { cause, symptoms } of inhibitions) {
      expect(names).toContain(cause);
      for (const symptom of symptoms) expect({ symptom, matches: matching(symptom).length > 0 }).toEqual({ symptom, matches: true });
    }
  });

  test('go one way: nothing inhibits itself or its cause, and the heartbeat and the escalation never fall silent', () => {
    const edges = inhibitions.flatMap(({ cause, symptoms }) => symptoms.flatMap(matching).map((symptom) => [cause, symptom] as const));
    const reach = (from: string, seen = new Set<string>()): Set<string> => {
      for (const [cause, symptom] of edges)
        if (cause === from && !seen.has(symptom)) {
          seen.add(symptom);
          reach(symptom, seen);
        }
      return seen;
    };
    for (const { cause } of inhibitions) expect({ cause, itself: reach(cause).has(cause) }).toEqual({ cause, itself: false });
    for (const never of ['Watchdog', 'ErrorLasts', 'CriticalLasts', 'PostgresDown', 'RedisDown', 'ProcessDown', 'Emergency'])
      expect(edges.filter(([, symptom]) => symptom === never)).toEqual([]);
  });
});

/** Begins later than its cause anyhow: a run counts as silent when nothing has happened for ten minutes. */
const BEGIN_LATER: ReadonlySet<string> = new Set(['StalledRuns']);

describe('a symptom', () => {
  const told = (name: string) => allAlerts.filter(({ alert }) => new RegExp(`^(?:${name})$`).test(alert));
  const pairs = inhibitions.flatMap(({ cause, symptoms }) =>
    told(cause).flatMap((rule) => symptoms.flatMap(told).map((symptom) => ({ cause: rule, symptom }))),
  );

  test('is not more urgent than its cause: nobody is left asleep', () => {
    const urgency = (severity: Severity): number => SEVERITIES.indexOf(severity);
    const wrong = pairs.filter(({ cause, symptom }) => urgency(symptom.severity) > urgency(cause.severity));
    expect(wrong.map(({ cause, symptom }) => `${cause.alert} ${symptom.alert}`)).toEqual([]);
  });

  test.each(environments.map((one) => [one.name, one] as const))(
    'in %s is not told before its cause fires, where both begin at once: then its end would not be told',
    (_name, environment) => {
      const firesMs = ({ forMinutes, expr }: AlertRule): number => forMinutes * 60_000 + fullRangeMs(expr);
      const toldMs = (rule: AlertRule): number => toldWithinMs(rule, environment, { intervalMs: 0, rangeMs: fullRangeMs(rule.expr) });
      const sooner = pairs.filter(({ cause, symptom }) => !BEGIN_LATER.has(symptom.alert) && toldMs(symptom) < firesMs(cause));
      expect(sooner.map(({ cause, symptom }) => `${cause.alert} ${symptom.alert}`)).toEqual([]);
    },
  );
});

describe('maintenance windows', () => {
  test('never keep a critical alert of a production back', () => {
    for (const { name, reactions, escalation } of environments.filter((each) => each.name !== 'staging'))
      expect({ name, muted: [reactions.critical.mutedIn, escalation.mutedIn] }).toEqual({ name, muted: [undefined, undefined] });
  });

  test('that reactions name are there', () => {
    const known = new Set(windows.map(({ name }) => name));
    for (const { reactions } of environments)
      for (const { mutedIn = [] } of Object.values(reactions)) for (const name of mutedIn) expect(known).toContain(name);
  });
});

describe('alertmanagerFile', () => {
  test('scales its waits and sends everything to one place on request', () => {
    const [staging] = environments;
    if (staging === undefined) throw new Error('no environment');
    const file = JSON.stringify(alertmanagerFile(staging, { factor: 0.01, webhookUrl: 'http://127.0.0.1:1/' }));
    expect(file).toContain('"group_wait":"300ms"');
    expect(file).toContain('"name":"info","webhook_configs":[{"url":"http://127.0.0.1:1/"');
    expect(file).not.toContain('slack_configs');
  });
});
