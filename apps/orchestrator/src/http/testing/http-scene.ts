import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorker } from '@mainstay/agent';
import type { Hardening, HardeningOptions } from '@mainstay/hardening';
import { createHealth, createLifecycle } from '@mainstay/lifecycle';
import { createLogger, createMetrics, type Logger } from '@mainstay/observability';
import { createMemoryHub, type MemoryHub } from '@mainstay/transport';
import { controlProcesses } from '../../control/process-control.ts';
import { createEngine, type HostedEngine } from '../../engine/create-engine.ts';
import { AuditNotes } from '../../audit/audit-notes.ts';
import type { EngineConfig } from '../../engine/engine-options.ts';
import { ErrorTracking } from '../../errors/error-tracking.ts';
import { hardenOrchestrator } from '../../hardening/harden-orchestrator.ts';
import { Retention } from '../../maintenance/retention.ts';
import { retentionPolicy } from '../../maintenance/retention-policy.ts';
import { createMemoryStore } from '../../store/memory/memory-store.ts';
import type { Store } from '../../store/store.ts';
import { createHttpServer, type HttpDeps, type HttpServer } from '../server.ts';
import { testAgents } from './agents.ts';
import { type Answer, type Body, type CallOptions, checkedCall } from './checked-call.ts';

export const ADMIN_KEY = 'an admin key for tests, of forty characters!'.replaceAll(' ', '-');

/** An orchestrator with a worker in this process, on the memory store, behind real HTTP. */
export interface HttpScene extends AsyncDisposable {
  readonly base: string;
  readonly managementBase: string;
  readonly store: Store;
  readonly engine: HostedEngine;
  readonly server: HttpServer;
  /** What the orchestrator and the worker are connected by. */
  readonly hub: MemoryHub;
  readonly hardening: Hardening;
  readonly logger: Logger;
  /** Lines that were logged. */
  readonly lines: readonly string[];
  /** As the admin, unless told otherwise. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  /** Stores a pipeline of one stage; returns its name. */
  readonly pipeline: (name: string, agent: string, stage?: object) => Promise<string>;
  /** Starts a run; returns its id. */
  readonly run: (pipeline: string, input?: unknown) => Promise<string>;
  /** Reads the run until it is in one of the states. */
  readonly until: (id: string, ...statuses: string[]) => Promise<Body>;
  /** A new key. */
  readonly key: (scopes: readonly string[], more?: object) => Promise<{ readonly id: string; readonly key: string }>;
}

const DEADLINE_MS = 20_000;

export interface SceneOptions extends Partial<Pick<HttpDeps, 'auth' | 'config'>> {
  readonly engineConfig?: Partial<EngineConfig>;
  readonly hardening?: Partial<HardeningOptions>;
}

export async function openScene({ engineConfig, hardening, ...more }: SceneOptions = {}): Promise<HttpScene> {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'test',
    level: 'info',
    destination: { write: (line: string) => void lines.push(line) },
    onError: (error) => {
      errors.own(error);
    },
  });
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  const store = createMemoryStore();
  const errors = new ErrorTracking({ store, source: 'test', ownTenant: 'default', logger, everyMs: 50 });
  const hub = createMemoryHub();
  const transport = hub.connect({ name: 'orchestrator-test', side: 'orchestrator' });
  const workerTransport = hub.connect({ name: 'worker-test', side: 'worker' });
  const engine = createEngine({
    ...{ store, transport, logger, metrics, config: { slowMs: 100, dueMs: 50, ...engineConfig } },
    onFailure: (failure) => {
      errors.failed(failure);
    },
  });
  const worker = createWorker({ transport: workerTransport, agents: testAgents(), logger, heartbeatMs: 100 });
  const lifecycle = createLifecycle();
  const health = createHealth({
    lifecycle,
    checks: { postgres: { check: (signal) => store.ping(signal) }, redis: { check: (signal) => transport.ping(signal) } },
  });
  const audit = new AuditNotes({ store, logger });
  const retention = new Retention({ store, policy: retentionPolicy(30, 60), logger, metrics });
  const hardened = hardenOrchestrator({
    profile: undefined,
    transport,
    engine,
    health,
    logger,
    metrics,
    audit,
    more: { sampleEveryMs: 0, ...hardening },
  });
  const profiles = { folder: join(tmpdir(), `mainstay-http-scene-${process.pid}`), maxBytes: 4 * 1_024 ** 3 };
  const control = controlProcesses({ transport, logger, level: 'info', profiles });
  const server = createHttpServer({
    control,
    hardening: hardened.hardening,
    journal: hardened.journal,
    retention,
    audit,
    engine,
    store,
    health,
    logger,
    metrics,
    version: '0.0.0-test',
    auth: { bootstrapKey: ADMIN_KEY },
    ...more,
    config: { port: 0, managementPort: 0, maxBodyBytes: 100_000, closeTimeoutMs: 500, ...more.config },
  });
  await store.start();
  errors.start();
  await transport.start();
  await workerTransport.start();
  await engine.start();
  await worker.start();
  const { port, managementPort } = await server.start();
  await lifecycle.start();
  const base = `http://127.0.0.1:${String(port)}`;
  const call: HttpScene['call'] = (method, path, options) => checkedCall(base, method, path, ADMIN_KEY, options);
  const scene: HttpScene = {
    base,
    managementBase: `http://127.0.0.1:${String(managementPort)}`,
    store,
    engine,
    server,
    hub,
    hardening: hardened.hardening,
    logger,
    lines,
    call,
    async pipeline(name, agent, stage = {}) {
      const answer = await call('PUT', `/api/v1/pipelines/${name}?allowUnknownAgents=true`, {
        json: { name, stages: [{ id: 'only', agent, ...stage }] },
      });
      if (answer.status !== 201 && answer.status !== 200) throw new Error(answer.text);
      return name;
    },
    async run(pipeline, input = {}) {
      const answer = await call('POST', '/api/v1/runs', { json: { pipeline, input } });
      if (answer.status !== 202) throw new Error(answer.text);
      return answer.json.id;
    },
    until: (id, ...statuses) =>
      eventually(async () => {
        const { json } = await call('GET', `/api/v1/runs/${id}`);
        if (statuses.includes(json.status)) return json;
        throw new Error(`run ${id} is ${json.status}, not ${statuses.join(' or ')}: ${JSON.stringify(json)}`);
      }),
    async key(scopes, extra = {}) {
      const answer = await call('POST', '/api/v1/api-keys', { json: { name: 'test', scopes, ...extra } });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.json;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await hardened[Symbol.asyncDispose]();
      await worker.stop();
      await engine.stop();
      await workerTransport.close();
      await transport.close();
      await errors.stop();
      await audit.stop();
      await store.close();
      await lifecycle.shutdown('the test is over');
      metrics.close();
    },
  };
  // a check that was made before the start is remembered for a while
  await eventually(async () => {
    const { status } = await health.ready();
    if (status !== 'ok') throw new Error(`the orchestrator is ${status}`);
  });
  await eventually(() => {
    if (engine.offers().size === 0) throw new Error('the worker has not been heard of');
    return Promise.resolve();
  });
  return scene;
}

/** Tries until it does not throw; gives up with the last error. */
export async function eventually<T>(attempt: () => Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(10);
    }
  }
}
