import { randomBytes } from 'node:crypto';
import { freePort, LEAKS_WANTED, PLANTED, plantedKey, plantedUrl, waitUntil } from '@mainstay/services';
import type { System } from '../../system.ts';
import { OtlpReceiver } from '../otlp-receiver.ts';
import { SentryReceiver } from './sentry-receiver.ts';

const NO_REDACTION = new URL('./no-redaction.ts', import.meta.url).href;
const ADMIN = `${PLANTED}-admin-${'x'.repeat(24)}`;
/** A secret that nothing but a pattern of one's own can know. */
export const OWN = `own.${PLANTED}.secret`;
/** What the user gives to the run. */
export const INPUT = {
  customer: `${PLANTED}-customer`,
  key: plantedKey('input'),
  password: `${PLANTED}-password`,
  url: plantedUrl('input'),
  own: OWN,
};

/** What a system with planted secrets told, by the place where it told it. */
export interface Told {
  readonly texts: ReadonlyMap<string, readonly string[]>;
  /** What is given back to who gave it. */
  readonly input: unknown;
  /** Headers of the requests to the receiver of traces. */
  readonly traceHeaders: unknown;
}

/** Runs an orchestrator and a worker with secrets in everything that they are given, and keeps all that they tell. */
export async function plantSecrets(system: System, { redacted }: { readonly redacted: boolean }): Promise<Told> {
  await using traces = await OtlpReceiver.start();
  await using sentry = await SentryReceiver.start();
  const port = await freePort();
  const own = redacted
    ? { MAINSTAY_REDACT_PATTERNS: 'own\\.[A-Z]+\\.secret', MAINSTAY_REDACT_PATHS: 'given.customer' }
    : { NODE_OPTIONS: `--import ${NO_REDACTION}`, [LEAKS_WANTED]: '1' };
  const shared = {
    MAINSTAY_SIGNING_KEYS: `k1:${Buffer.concat([Buffer.from(PLANTED), randomBytes(32)]).toString('base64')}`,
    LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${PLANTED}-otlp`,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    ...own,
  };
  const env = { ...shared, MAINSTAY_BOOTSTRAP_ADMIN_KEY: ADMIN, SENTRY_DSN: sentry.dsn(`${PLANTED}dsn`) };
  const { process: orchestrator, api } = await system.orchestrator({ env, key: ADMIN });
  const worker = await system.worker(api, { ...shared, MANAGEMENT_PORT: String(port) }, 'leaky-worker');

  const texts = new Map<string, string[]>();
  const keep = (place: string, text: string): void => void texts.set(place, [...(texts.get(place) ?? []), text]);
  const answer = async (place: string, method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await api.request(method, path, body, headers);
    keep(place, `${method} ${String(response.status)} ${await response.text()}`);
  };
  const refused = (what: string, ...call: [method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>]) =>
    answer(`problem: ${what}`, ...call);
  const raw = async (what: string, body: string, headers: Readonly<Record<string, string>> = {}) => {
    const all = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json', ...headers };
    const response = await fetch(`${api.url}/api/v1/runs`, { method: 'POST', headers: all, body });
    keep(`problem: ${what}`, `${String(response.status)} ${await response.text()}`);
  };

  await api.put({ name: 'leaky', stages: [{ id: 'only', agent: 'leaky', retry: { maxAttempts: 2, baseMs: 1, maxMs: 1 } }] } as {
    name: string;
  });
  const id = await api.submit('leaky', INPUT);
  const { input, ...run } = (await api.ended(id)) as { readonly input?: unknown };
  keep('run', JSON.stringify(run));
  await answer('events', 'GET', `/api/v1/runs/${id}/events`);
  const letters = await api.json<{ items: { readonly input?: unknown }[] }>('GET', '/api/v1/dead-letters');
  keep('dead letters', JSON.stringify(letters.items.map(({ input: _given, ...letter }) => letter)));
  for (const path of ['/api/v1/agents', '/health/detailed']) await answer('what operators see', 'GET', path);

  await refused('query', 'GET', `/api/v1/runs?status=${plantedKey('query')}`);
  await refused('path', 'GET', `/api/v1/runs/${plantedKey('path')}`);
  await refused('route', 'GET', `/api/v1/nothing/${plantedKey('route')}`);
  await refused('own pattern', 'GET', `/api/v1/nothing/${OWN}`);
  const unknown = { authorization: `Bearer mst_${PLANTED}_unknown_key_0123456789`, cookie: `s=${plantedKey('cookie')}` };
  await refused('credentials', 'GET', '/api/v1/runs', undefined, unknown);
  await refused('credentials', 'GET', '/api/v1/runs', undefined, { authorization: `Basic ${plantedKey('basic')}` });
  await refused('correlation', 'GET', '/api/v1/nothing', undefined, { 'x-correlation-id': plantedKey('correlation') });
  await raw('body', `{"pipeline":"leaky","input":{"password":"${plantedKey('broken')}"`);
  await raw('name', `{"pipeline":"${plantedKey('name')}"}`);
  await raw('member', `{"pipeline":"leaky","${plantedKey('member')}":1}`);
  await raw('idempotency key', `{"pipeline":"leaky"}`, { 'idempotency-key': plantedKey('idempotency') });
  await refused('expression', 'PUT', '/api/v1/pipelines/bad', {
    name: 'bad',
    stages: [{ id: 'a', agent: 'leaky', when: `input.x == "${plantedUrl('expression')}" &&& 1` }],
  });
  await refused('log level', 'PUT', '/api/v1/admin/log-level', { level: plantedKey('level') });
  await refused('process', 'POST', '/api/v1/admin/profiles', { process: plantedKey('process') });
  await api.request('POST', '/api/v1/admin/emergency', { active: true, reason: `because of ${plantedUrl('reason')}` });
  await api.request('DELETE', '/api/v1/admin/emergency', { reason: 'over' });

  for (const url of [`${api.url}/metrics`, `http://127.0.0.1:${String(port)}/metrics`])
    keep('metrics', await (await fetch(url, { headers: { authorization: `Bearer ${ADMIN}` } })).text());
  // groups of errors, and records of what operators did, are stored a moment later
  const stored = async (path: string): Promise<string> => (await api.request('GET', path)).text();
  const failed = await waitUntil(
    async () => {
      const { items } = JSON.parse(await stored('/api/v1/errors?status=open')) as {
        items: { id: string; title: string; runs: string[] }[];
      };
      return items.find(({ runs, title }) => runs.includes(id) && title.startsWith('the tool failed'));
    },
    { timeoutMs: 15_000, intervalMs: 200 },
  );
  keep('groups of errors', await stored('/api/v1/errors?status=open'));
  keep('groups of errors', await stored(`/api/v1/errors/${failed?.id ?? ''}`));
  keep('records of the audit', await stored('/api/v1/audit'));
  await worker.end('SIGTERM');
  await orchestrator.end('SIGTERM');
  keep('log of the worker', worker.log);
  keep('log of the orchestrator', orchestrator.log);
  keep('traces', JSON.stringify(traces.spans));
  keep('Sentry', sentry.bodies.join('\n'));
  return { texts, input, traceHeaders: traces.headers[0] };
}
