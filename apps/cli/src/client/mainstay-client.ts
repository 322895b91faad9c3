import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Followed, type FollowOptions, followRun } from './follow-run.ts';
import type { HttpClient } from './http-client.ts';
import {
  agentsView,
  auditRecordView,
  createdRun,
  deadLetterView,
  decisionView,
  emergencyView,
  healthView,
  logLevelView,
  pageOf,
  pipelineSummary,
  redriveResult,
  removalView,
  retentionView,
  runSummary,
  runView,
  storedPipeline,
} from './views.ts';

export interface NewRun {
  readonly pipeline: string;
  readonly version?: number | undefined;
  readonly input?: unknown;
  readonly priority?: number | undefined;
}

export type RunAction = 'pause' | 'resume' | 'retry' | 'cancel';

export interface ProfileWanted {
  readonly process: string;
  readonly kind: 'cpu' | 'heap' | 'event-loop';
  readonly seconds: number;
  readonly intervalMicros: number;
}

/** Beyond the time of the recording itself. */
const PROFILE_ANSWER_MS = 75_000;

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}
type Listing = Signalled & { readonly limit?: number | undefined; readonly cursor?: string | undefined };

/** Which audit records; all that is given must hold. */
export interface AuditQuery {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  /** ISO 8601. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** Which dead letters; all that is given must hold. */
export interface DeadLetterQuery {
  readonly run?: string | undefined;
  readonly pipeline?: string | undefined;
  readonly stage?: string | undefined;
  readonly agent?: string | undefined;
  readonly code?: string | undefined;
}

const RUNS = '/api/v1/runs';
const DEAD_LETTERS = '/api/v1/dead-letters';
const EMERGENCY = '/api/v1/admin/emergency';
const RETENTION = '/api/v1/maintenance/retention';
const runPath = (id: string, action?: string) => `${RUNS}/${encodeURIComponent(id)}${action === undefined ? '' : `/${action}`}`;

/** The routes of the orchestrator that the command line uses. */
export class MainstayClient {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  get url(): string {
    return this.#http.url;
  }

  putPipeline(
    name: string,
    definition: unknown,
    { allowUnknownAgents, signal }: Signalled & { readonly allowUnknownAgents?: boolean } = {},
  ) {
    const query = allowUnknownAgents === true ? { allowUnknownAgents: 'true' } : {};
    return this.#http.json('PUT', `/api/v1/pipelines/${encodeURIComponent(name)}`, storedPipeline, { body: definition, query, signal });
  }

  pipelines({ signal, ...query }: Listing = {}) {
    return this.#http.json('GET', '/api/v1/pipelines', pageOf(pipelineSummary), { query, signal });
  }

  /** Without a key of the caller one is made up, so that repeating the request never starts a second run. */
  createRun(run: NewRun, { idempotencyKey = randomUUID(), signal }: Signalled & { readonly idempotencyKey?: string | undefined } = {}) {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return this.#http.json('POST', RUNS, createdRun, { body: run, headers, repeatable: true, signal });
  }

  run(id: string, { signal }: Signalled = {}) {
    return this.#http.json('GET', runPath(id), runView, { signal });
  }

  runs({ signal, ...query }: Listing & { readonly status?: string | undefined; readonly pipeline?: string | undefined } = {}) {
    return this.#http.json('GET', RUNS, pageOf(runSummary), { query, signal });
  }

  follow(id: string, options: FollowOptions): AsyncGenerator<Followed, void, undefined> {
    return followRun(this.#http, id, options);
  }

  act(id: string, action: RunAction, { reason, signal }: Signalled & { readonly reason?: string | undefined } = {}) {
    const body = reason === undefined ? {} : { reason };
    return this.#http.json('POST', runPath(id, action), runView, { body, signal });
  }

  decisions({ signal, ...query }: Listing & { readonly status?: string | undefined; readonly run?: string | undefined } = {}) {
    return this.#http.json('GET', '/api/v1/decisions', pageOf(decisionView), { query, signal });
  }

  decision(id: string, { signal }: Signalled = {}) {
    return this.#http.json('GET', `/api/v1/decisions/${encodeURIComponent(id)}`, decisionView, { signal });
  }

  decide(id: string, answer: unknown, { comment, signal }: Signalled & { readonly comment?: string | undefined } = {}) {
    const body = { answer, ...(comment === undefined ? {} : { comment }) };
    return this.#http.json('POST', `/api/v1/decisions/${encodeURIComponent(id)}`, decisionView, { body, signal });
  }

  health({ signal }: Signalled = {}) {
    return this.#http.json('GET', '/health/detailed', healthView, { signal });
  }

  agents({ signal }: Signalled = {}) {
    return this.#http.json('GET', '/api/v1/agents', agentsView, { signal });
  }

  deadLetters({ signal, ...query }: Listing & DeadLetterQuery & { readonly status?: string | undefined } = {}) {
    return this.#http.json('GET', DEAD_LETTERS, pageOf(deadLetterView), { query, signal });
  }

  audit({ signal, ...query }: Listing & AuditQuery = {}) {
    return this.#http.json('GET', '/api/v1/audit', pageOf(auditRecordView), { query, signal });
  }

  deadLetter(id: string, { signal }: Signalled = {}) {
    return this.#http.json('GET', `${DEAD_LETTERS}/${encodeURIComponent(id)}`, deadLetterView, { signal });
  }

  /** Works for some seconds; to be repeated with the cursor while there is one. Doing it twice does no harm. */
  redriveMany({
    signal,
    ...body
  }: Signalled & DeadLetterQuery & { readonly limit?: number | undefined; readonly cursor?: string | undefined } = {}) {
    return this.#http.json('POST', `${DEAD_LETTERS}/redrive`, redriveResult, { body, repeatable: true, signal });
  }

  discard(id: string, reason: string, { signal }: Signalled = {}) {
    return this.#http.json('POST', `${DEAD_LETTERS}/${encodeURIComponent(id)}/discard`, deadLetterView, { body: { reason }, signal });
  }

  redrive(id: string, { input, signal }: Signalled & { readonly input?: unknown } = {}) {
    const body = input === undefined ? {} : { input };
    return this.#http.json('POST', `${DEAD_LETTERS}/${encodeURIComponent(id)}/redrive`, runView, { body, signal });
  }

  emergency({ signal }: Signalled = {}) {
    return this.#http.json('GET', EMERGENCY, emergencyView, { signal });
  }

  /** Begins or ends an emergency in all processes. Doing it twice does no harm. */
  setEmergency({ signal, ...body }: Signalled & { readonly active: boolean; readonly reason: string }) {
    return this.#http.json('POST', EMERGENCY, emergencyView, { body, repeatable: true, signal });
  }

  /** Changes what one process logs, or all. Doing it twice does no harm. */
  setLogLevel({
    signal,
    ...body
  }: Signalled & { readonly level: string; readonly forSeconds?: number | undefined; readonly process?: string | undefined }) {
    return this.#http.json('PUT', '/api/v1/admin/log-level', logLevelView, { body, signal });
  }

  /** Has a process record itself; resolves with what came, as the kind has it. */
  takeProfile({ signal, ...body }: Signalled & ProfileWanted) {
    return this.#http.json('POST', '/api/v1/admin/profiles', z.unknown(), {
      body,
      timeoutMs: 1_000 * body.seconds + PROFILE_ANSWER_MS,
      signal,
    });
  }

  retention({ signal, ...query }: Signalled & { readonly olderThanMs?: number | undefined } = {}) {
    return this.#http.json('GET', RETENTION, retentionView, { query, signal });
  }

  /** Removes for some seconds; to be repeated while there is more. Doing it twice does no harm. */
  removeFinishedRuns({ signal, ...body }: Signalled & { readonly olderThanMs?: number | undefined; readonly limit?: number } = {}) {
    return this.#http.json('POST', RETENTION, removalView, { body, repeatable: true, signal });
  }
}
