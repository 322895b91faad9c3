import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EmergencyJournal, Hardening } from '@mainstay/hardening';
import type { Health } from '@mainstay/lifecycle';
import type { Logger, Metrics, Tracing } from '@mainstay/observability';
import { type Clock, systemClock } from '@mainstay/utils';
import type { AuditNotes } from '../audit/audit-notes.ts';
import type { ProcessControl } from '../control/process-control.ts';
import type { Engine } from '../engine/engine.ts';
import { Pipelines } from '../engine/pipelines.ts';
import type { Retention } from '../maintenance/retention.ts';
import type { Store } from '../store/store.ts';
import { cacheCounter } from '../observe/cache-counter.ts';
import { createApp } from './app.ts';
import { type AuthOptions, createAuthenticator } from './auth/authenticator.ts';
import { BodyBudget } from './body/body-budget.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { EndsFeeds } from './ends/ends-feed.ts';
import { createStreamSlots, type StreamLimits } from './events/stream-slots.ts';
import { createManagementApp } from './management-app.ts';
import { docsPage } from './openapi/docs-page.ts';
import { openApiDocument } from './openapi/document.ts';
import { queueLook } from './queue-look.ts';
import { routes } from './routes.ts';
import { createRunAdmission } from './run-admission.ts';
import type { Services } from './services.ts';
import { submissionGate } from './submission-gate.ts';

export interface HttpConfig {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any free one. Default 3000. */
  readonly port?: number;
  /** Serves `/metrics` and `/health` without a key. Default: not at all. */
  readonly managementPort?: number;
  /** Largest body of a request. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Of all bodies that are held at the same time; requests beyond that get 503. Default 64 MiB. */
  readonly maxBodiesBytes?: number;
  /** Connections at the same time; further ones are closed. Default 10,000. */
  readonly maxConnections?: number;
  readonly streams?: Partial<StreamLimits>;
  /** Time between turning unready and the end of the drain, in which everything is still answered: balancers need it. Default 0. */
  readonly drainDelayMs?: () => number;
  /** Requests that run at the close have so long to end. Default 5,000. */
  readonly closeTimeoutMs?: number;
}

export interface HttpDeps {
  readonly engine: Engine;
  readonly store: Store;
  readonly retention: Retention;
  readonly health: Health;
  readonly hardening: Hardening;
  readonly journal: EmergencyJournal;
  readonly audit: AuditNotes;
  readonly control: ProcessControl;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Default: traces are off. */
  readonly tracing?: Tracing | undefined;
  /** Version of the program. */
  readonly version: string;
  readonly auth: AuthOptions;
  readonly config?: HttpConfig;
  /** Circuit breakers to show in `/health/detailed`. */
  readonly breakers?: Services['breakers'];
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface HttpServer {
  /** Listens; resolves with the ports. */
  start(): Promise<{ readonly port: number; readonly managementPort?: number }>;
  /**
   * Tells clients to go elsewhere, and ends event streams when balancers had their time; requests are answered until the close. The
   * signal ends the delay.
   */
  drain(signal: AbortSignal): Promise<void>;
  /** Closes all connections, idle ones at once, busy ones when they are done or the time is over. Idempotent. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const MAX_HEADERS = 100;
const MAX_HEADER_BYTES = 16_384;

export function createHttpServer(deps: HttpDeps): HttpServer {
  const { config = {}, clock = systemClock } = deps;
  const {
    maxBodyBytes = 1_048_576,
    maxBodiesBytes = 64 * 1_048_576,
    maxConnections = 10_000,
    drainDelayMs = () => 0,
    closeTimeoutMs = 5_000,
  } = config;
  const services = createServices(deps, clock);
  let draining = false;
  let aside = false;
  const isLeaving = (): boolean => {
    const was = aside;
    aside = deps.engine.standsAside;
    if (aside && !was) main.closeIdleConnections(); // What came next on them would be refused.
    return draining || deps.engine.cutOff;
  };
  const main = listener(maxConnections);
  const app = createApp(services, { bodies: { maxBytes: maxBodyBytes, budget: new BodyBudget(maxBodiesBytes) }, isLeaving });
  main.on('request', submissionGate(services, app));
  const management = config.managementPort === undefined ? undefined : listener(100);
  management?.on('request', createManagementApp(services));
  let closing: Promise<void> | undefined;

  const closeAll = async () => {
    draining = true;
    services.streams.endAll();
    const servers = management === undefined ? [main] : [main, management];
    await Promise.all(servers.map((server) => closeServer(server, clock, closeTimeoutMs)));
  };

  return {
    async start() {
      const { host = '127.0.0.1', port = 3_000, managementPort } = config;
      await listen(main, port, host);
      if (management !== undefined && managementPort !== undefined) await listen(management, managementPort, host);
      return { port: portOf(main), ...(management === undefined ? {} : { managementPort: portOf(management) }) };
    },
    async drain(signal) {
      draining = true;
      const delayMs = drainDelayMs();
      if (delayMs > 0 && !signal.aborted) await clock.sleep(delayMs, signal).catch(() => undefined);
      services.streams.endAll(); // Not before: who resumes a stream comes back here until the balancers know better.
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** What the handlers of these routes work with. */
export function createServices(deps: HttpDeps, clock: Clock): Services {
  const { store, engine, logger, metrics, version, random = Math.random, config = {} } = deps;
  const openStreams = metrics.gauge('mainstay_open_event_streams');
  const document = openApiDocument(routes, version);
  return {
    engine,
    store,
    health: deps.health,
    logger,
    metrics,
    tracing: deps.tracing,
    clock,
    random,
    version,
    breakers: deps.breakers ?? (() => deps.hardening.health().breakers),
    authenticator: createAuthenticator(store, clock, deps.auth, cacheCounter(metrics, 'api-keys')),
    queues: queueLook(engine, clock),
    pipelines: new Pipelines(store),
    retention: deps.retention,
    streams: createStreamSlots({ max: 1_000, maxPerTenant: 250, ...config.streams }, (open) => {
      openStreams.set(open);
    }),
    ends: new EndsFeeds({ store, engine, clock, random, logger }),
    hardening: deps.hardening,
    journal: deps.journal,
    audit: deps.audit,
    control: deps.control,
    admission: createRunAdmission(deps.hardening, metrics),
    openApi: JSON.stringify(document),
    docsPage: docsPage(document),
  };
}

function listener(maxConnections: number): Server {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = maxConnections;
  server.on('clientError', answerBrokenRequest);
  return server;
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen(port, host, () => {
    server.off('error', reject);
    resolve(undefined);
  });
  await promise;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server, clock: Clock, timeoutMs: number): Promise<void> {
  if (!server.listening) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  server.closeIdleConnections();
  using _timer = clock.setTimeout(() => {
    server.closeAllConnections();
  }, timeoutMs);
  await promise;
}
