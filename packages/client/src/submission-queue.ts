import { randomUUID } from 'node:crypto';
import { CancelledError, type MainstayError, NetworkError, parseRetryAfter, TimeoutError, toMainstayError } from '@mainstay/types';
import { backoffDelayMs, type TimerHandle } from '@mainstay/utils';
import type { ClientSettings } from './client-options.ts';
import { type Answer, type Http, readJson } from './http.ts';
import type { RunRequest, RunStatus, SubmittedRun } from './model.ts';
import { errorOf, problemError, wasNotTaken } from './problem.ts';
import { Ticket } from './ticket.ts';

const PATH = '/api/v1/runs';
/** Requests under way at most: while they are, the next batch gathers. */
const MAX_REQUESTS = 2;
const LONGEST_BACKOFF_MS = 5_000;
/** While nothing can be sent, submissions whose time is over are looked for so often. */
const CHECK_MS = 250;

interface ItemResult {
  readonly status: number;
  readonly id?: string;
  readonly runStatus?: RunStatus;
  readonly error?: unknown;
}

/** Who is to be told of runs whose end is still to come. */
export interface FollowedEnds {
  /** Every end from now on will be heard of. */
  readonly running: boolean;
  willEnd(run: string): void;
}

/**
 * Submits runs of one class of priority. Submissions of one turn of the event loop, and those that come while {@link MAX_REQUESTS} requests are under
 * way, travel together; one alone goes at once. What failed for a while goes back to the front of the queue, and the queue
 * rests as long as the server asks, or with back-off.
 */
export class SubmissionQueue {
  readonly #http: Http;
  readonly #settings: ClientSettings;
  readonly #ends: FollowedEnds;
  #queue: Ticket[] = [];
  #requests = 0;
  #scheduled = false;
  #closed = false;
  #failures = 0;
  #resumeAt = 0;
  #restTimer: TimerHandle | undefined;
  /** Falls when the server refuses a batch as too large. */
  #maxBytes: number;

  constructor(http: Http, ends: FollowedEnds) {
    this.#http = http;
    this.#ends = ends;
    this.#settings = http.settings;
    this.#maxBytes = this.#settings.maxBatchBytes;
  }

  /** Submissions that wait. */
  get size(): number {
    return this.#queue.length;
  }

  /** Rejects with what stands against it at once. */
  submit(asked: RunRequest, signal?: AbortSignal): Promise<SubmittedRun> {
    const { clock, deadlineMs, exactlyOnce, trace } = this.#settings;
    try {
      if (this.#closed) throw closed();
      // now: a batch is sent from elsewhere
      const request = asked.traceparent === undefined ? { ...asked, ...trace() } : asked;
      const key = request.idempotencyKey ?? (exactlyOnce ? randomUUID() : undefined);
      const ticket = new Ticket(request, key, clock.monotonic() + deadlineMs, signal, this.#ends.running);
      this.#queue.push(ticket);
      this.#schedule();
      return ticket.promise;
    } catch (error) {
      return Promise.reject(toMainstayError(error));
    }
  }

  /** Rejects all that wait with CANCELLED; those under way may have been accepted. */
  close(): void {
    this.#closed = true;
    this.#restTimer?.[Symbol.dispose]();
    for (const ticket of this.#queue.splice(0)) if (!ticket.settled) ticket.reject(closed());
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#mustRest()) return;
    while (this.#requests < MAX_REQUESTS) {
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#requests += 1;
      void this.#send(batch).finally(() => {
        this.#requests -= 1;
        this.#flush();
      });
    }
  }

  #mustRest(): boolean {
    const { clock } = this.#settings;
    const leftMs = this.#resumeAt - clock.monotonic();
    if (leftMs <= 0 || this.#closed) return this.#closed;
    this.#queue = this.#queue.filter((ticket) => !this.#isOver(ticket));
    if (this.#queue.length > 0) {
      this.#restTimer?.[Symbol.dispose]();
      this.#restTimer = clock.setTimeout(
        () => {
          this.#flush();
        },
        Math.min(leftMs, CHECK_MS),
      );
    }
    return true;
  }

  /** The next batch, within the bounds of number and bytes. */
  #take(): readonly Ticket[] {
    const batch: Ticket[] = [];
    let bytes = 0;
    let taken = 0;
    for (const ticket of this.#queue) {
      if (!this.#isOver(ticket)) {
        const size = Buffer.byteLength(ticket.body);
        if (batch.length === this.#settings.maxBatch || (batch.length > 0 && bytes + size > this.#maxBytes)) break;
        bytes += size + ITEM_OVERHEAD;
        batch.push(ticket);
      }
      taken += 1;
    }
    this.#queue.splice(0, taken);
    return batch;
  }

  /** True for what is settled, because it was aborted or because its time is over. */
  #isOver(ticket: Ticket): boolean {
    const { clock, deadlineMs } = this.#settings;
    if (!ticket.settled && clock.monotonic() >= ticket.deadlineAt) {
      ticket.reject(new TimeoutError('DEADLINE_EXCEEDED', `The run was not accepted within ${deadlineMs} ms`));
    }
    return ticket.settled;
  }

  async #send(batch: readonly Ticket[]): Promise<void> {
    try {
      const [first] = batch;
      if (first !== undefined && batch.length === 1)
        this.#one(first, await this.#post(PATH, first.body, { ...first.headers, ...urgencyOf(batch) }));
      else this.#many(batch, await this.#post(`${PATH}/batch`, `{"runs":[${batch.map(({ item }) => item).join(',')}]}`, urgencyOf(batch)));
    } catch (error) {
      this.#failed(batch, toMainstayError(error));
    }
  }

  #post(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#http.send({ method: 'POST', path, body, headers });
  }

  #one(ticket: Ticket, { status, text, retryAfter, replayed }: Answer): void {
    if (status !== 202) throw errorOf(status, text, retryAfter, this.#settings.clock.now());
    const { id, status: runStatus } = readJson(text, this.#http.url) as { readonly id: string; readonly status: RunStatus };
    this.#failures = 0;
    this.#accepted(ticket, { id, status: runStatus, repeated: replayed });
  }

  #many(batch: readonly Ticket[], { status, text, retryAfter }: Answer): void {
    if (status !== 202 && status !== 207) throw errorOf(status, text, retryAfter, this.#settings.clock.now());
    const { results } = readJson(text, this.#http.url) as { readonly results: readonly ItemResult[] };
    if (results.length !== batch.length) throw new NetworkError('The answer does not fit the batch', { disposition: 'terminal' });
    this.#failures = 0;
    const again: Ticket[] = [];
    let last: MainstayError | undefined;
    for (const [index, ticket] of batch.entries()) {
      const result = results[index];
      if (result?.id !== undefined)
        this.#accepted(ticket, { id: result.id, status: result.runStatus ?? 'queued', repeated: result.status === 200 });
      else {
        const error = problemError(result?.status ?? 500, result?.error, parseRetryAfter(retryAfter, this.#settings.clock.now()));
        if (this.#mayRepeat(ticket, error)) again.push(ticket);
        else ticket.reject(error);
        last = error;
      }
    }
    if (last !== undefined && again.length > 0) this.#putBack(again, last);
  }

  /** The end of a run that began while the ends were followed will be heard of; one that is repeated may have ended before. */
  #accepted(ticket: Ticket, run: SubmittedRun): void {
    if (ticket.followed && !run.repeated) this.#ends.willEnd(run.id);
    ticket.resolve(run);
  }

  #failed(batch: readonly Ticket[], error: MainstayError): void {
    if (error.code === 'PAYLOAD_TOO_LARGE' && batch.length > 1) {
      this.#maxBytes = Math.max(1, Math.floor(batch.reduce((bytes, { body }) => bytes + Buffer.byteLength(body), 0) / 2));
      this.#queue = [...batch, ...this.#queue];
      return;
    }
    const again = batch.filter((ticket) => this.#mayRepeat(ticket, error));
    for (const ticket of batch) if (!again.includes(ticket)) ticket.reject(error);
    if (again.length > 0) this.#putBack(again, error);
  }

  /** What was not taken may go again, and what has a key even when nobody knows. */
  #mayRepeat(ticket: Ticket, error: MainstayError): boolean {
    return !this.#closed && error.disposition === 'retryable' && (ticket.key !== undefined || wasNotTaken(error));
  }

  /** Puts submissions back in front of all others; none is sent for as long as the server asks, or the back-off says. */
  #putBack(tickets: readonly Ticket[], error: MainstayError): void {
    const { clock, baseMs, random } = this.#settings;
    this.#failures += 1;
    const policy = { backoff: 'exponential', jitter: 'full', baseMs, maxMs: LONGEST_BACKOFF_MS } as const;
    const waitMs = Math.max(backoffDelayMs(policy, Math.min(this.#failures, 30), random), error.retryAfterMs ?? 0);
    this.#resumeAt = Math.max(this.#resumeAt, clock.monotonic() + waitMs);
    this.#queue = [...tickets, ...this.#queue];
  }
}

/** Bytes of a key, and what stands around it, in a batch. */
const ITEM_OVERHEAD = 64;

function closed(): CancelledError {
  return new CancelledError('CANCELLED', 'The client has been closed');
}

/** Runs of high priority are taken when others are refused; the server has to know before it reads them (RFC 9218). */
function urgencyOf(batch: readonly Ticket[]): Readonly<Record<string, string>> {
  return batch.some(({ request }) => isUrgent(request)) ? { priority: 'u=1' } : {};
}

export function isUrgent({ priority = 0 }: RunRequest): boolean {
  return priority > 0;
}
