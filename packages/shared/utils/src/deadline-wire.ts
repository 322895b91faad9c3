import { type Clock, systemClock } from './clock.ts';
import { currentDeadline, type Deadline, deadlineIn } from './deadline.ts';

/**
 * Header in which a deadline travels: whole milliseconds that are left, because the clocks of two machines differ by more than the way
 * takes. 0: it has passed.
 */
export const DEADLINE_HEADER = 'x-deadline-ms';

/** Nobody's deadline is further away than a day. */
const LONGEST_MS = 86_400_000;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>> | { get(name: string): string | null };
type WireClock = Pick<Clock, 'monotonic'>;

/** Headers for a request on behalf of the work that calls; none without a deadline. */
export function deadlineHeaders(deadline: Deadline | undefined = currentDeadline()): Record<string, string> {
  const leftMs = deadline?.leftMs() ?? Number.POSITIVE_INFINITY;
  if (leftMs === Number.POSITIVE_INFINITY) return {};
  return { [DEADLINE_HEADER]: String(Math.min(LONGEST_MS, Math.max(0, Math.floor(leftMs)))) };
}

/** The deadline that a request brings; undefined without one, or with nonsense in its place. `name` is the request's, for messages. */
export function deadlineFromHeaders(headers: Headers, name: string, clock: WireClock = systemClock): Deadline | undefined {
  const value = isFetchHeaders(headers) ? headers.get(DEADLINE_HEADER) : headers[DEADLINE_HEADER];
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) return undefined;
  return deadlineIn(name, Math.min(LONGEST_MS, Number(value)), clock);
}

function isFetchHeaders(headers: Headers): headers is { get(name: string): string | null } {
  return typeof headers['get'] === 'function';
}

/**
 * The `deadline` of an envelope: milliseconds since 1970 by the clock that `now` was read from, which sender and receiver share (the
 * database's). Undefined without a deadline.
 */
export function deadlineForEnvelope(now: number, deadline: Deadline | undefined = currentDeadline()): number | undefined {
  const leftMs = deadline?.leftMs() ?? Number.POSITIVE_INFINITY;
  return leftMs === Number.POSITIVE_INFINITY ? undefined : Math.max(1, Math.floor(now + leftMs));
}

/** The deadline that an envelope brings; `now` is the shared clock's time. Undefined without one. */
export function deadlineFromEnvelope(
  envelope: { readonly deadline?: number | undefined },
  now: number,
  name: string,
  clock: WireClock = systemClock,
): Deadline | undefined {
  return envelope.deadline === undefined ? undefined : deadlineIn(name, Math.min(LONGEST_MS, envelope.deadline - now), clock);
}
