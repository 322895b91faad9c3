import { type ClientOptions, settingsOf } from './client-options.ts';
import { Ends } from './ends.ts';
import { Http } from './http.ts';
import type { DecisionAnswer, Run, RunEnd, RunEvent, RunRequest, RunResult, SubmittedRun } from './model.ts';
import { type EventsOptions, runEvents } from './run-events.ts';
import { Submitter } from './submitter.ts';

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

export interface ResultOptions extends Signalled {
  /** Also reads what came of the run: its output, or its error. Default false. */
  readonly output?: boolean;
}

/**
 * Talks to a Mainstay. All methods reject with a MainstayError whose `code` says what was wrong (that of the server's problem document;
 * NETWORK_FAILED when none answers), or with the reason of the signal. Any number of calls may be under way.
 */
export interface Client extends AsyncDisposable {
  /** Resolves when the run is on the server's disk. Repeated by itself until `deadlineMs` while that may help. */
  submit(request: RunRequest, options?: Signalled): Promise<SubmittedRun>;
  /** One result for each request, in order; never rejects. */
  submitMany(requests: readonly RunRequest[], options?: Signalled): Promise<readonly PromiseSettledResult<SubmittedRun>[]>;
  /** Resolves when the run has ended, however it ended. Rejects with RUN_NOT_FOUND. */
  result(run: string, options?: ResultOptions): Promise<RunResult>;
  /** Submits and awaits the end. */
  run(request: RunRequest, options?: ResultOptions): Promise<RunResult>;
  get(run: string, options?: Signalled): Promise<Run>;
  cancel(run: string, options?: Signalled & { readonly reason?: string }): Promise<Run>;
  /** Answers a decision that a run waits on. */
  answer(decision: string, answer: unknown, options?: Signalled & { readonly comment?: string }): Promise<DecisionAnswer>;
  /** The run's events, each once and in order, until it has ended. */
  events(run: string, options?: EventsOptions): AsyncGenerator<RunEvent, void>;
  /** Ends all connections; what is still awaited rejects with CANCELLED. */
  close(): Promise<void>;
}

/** @throws ConfigurationError `CONFIG_INVALID` for options that cannot be. */
export function createClient(options: ClientOptions): Client {
  return new MainstayClient(new Http(settingsOf(options)));
}

const runPath = (run: string): string => `/api/v1/runs/${encodeURIComponent(run)}`;

class MainstayClient implements Client {
  readonly #http: Http;
  readonly #submitter: Submitter;
  readonly #ends: Ends;
  readonly #closed = new AbortController();

  constructor(http: Http) {
    this.#http = http;
    this.#ends = new Ends(http);
    this.#submitter = new Submitter(http, this.#ends);
  }

  submit(request: RunRequest, { signal }: Signalled = {}): Promise<SubmittedRun> {
    return this.#submitter.submit(request, signal);
  }

  submitMany(requests: readonly RunRequest[], options?: Signalled): Promise<readonly PromiseSettledResult<SubmittedRun>[]> {
    return Promise.allSettled(requests.map((request) => this.submit(request, options)));
  }

  result(run: string, { signal, output = false }: ResultOptions = {}): Promise<RunResult> {
    const end = this.#ends.of(run, signal);
    return output ? this.#withOutput(end, signal) : end;
  }

  async run(request: RunRequest, options: ResultOptions = {}): Promise<RunResult> {
    this.#ends.start();
    const { id } = await this.submit(request, options);
    return this.result(id, options);
  }

  get(run: string, { signal }: Signalled = {}): Promise<Run> {
    return this.#http.json({ method: 'GET', path: runPath(run), signal });
  }

  cancel(run: string, { signal, reason }: Signalled & { readonly reason?: string } = {}): Promise<Run> {
    return this.#http.json({ method: 'POST', path: `${runPath(run)}/cancel`, body: JSON.stringify({ reason }), signal });
  }

  answer(decision: string, answer: unknown, { signal, comment }: Signalled & { readonly comment?: string } = {}): Promise<DecisionAnswer> {
    const path = `/api/v1/decisions/${encodeURIComponent(decision)}`;
    return this.#http.json({ method: 'POST', path, body: JSON.stringify({ answer, comment }), signal });
  }

  events(run: string, options: EventsOptions = {}): AsyncGenerator<RunEvent, void> {
    return runEvents(this.#http, run, options, this.#closed.signal);
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#submitter.close();
    this.#ends.close();
    this.#http.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #withOutput(ended: Promise<RunEnd>, signal: AbortSignal | undefined): Promise<RunResult> {
    const end = await ended;
    const { output, error } = await this.get(end.id, { signal });
    return { ...end, ...(output === undefined ? {} : { output }), ...(error === undefined ? {} : { error }) };
  }
}
