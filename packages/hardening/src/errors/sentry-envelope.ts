import type { SerializedError } from '@mainstay/types';
import type { ErrorOccurrence } from './error-tracker.ts';
import { parseStack } from './stack.ts';

/** What all events of a process have in common. */
export interface SentryFacts {
  readonly release?: string;
  readonly environment?: string;
  readonly serverName?: string;
}

/** Causes beyond these are left out. */
const MAX_EXCEPTIONS = 5;
const MAX_FRAMES = 50;

/** An occurrence as an envelope with one event: JSON lines. `eventId`: 32 hexadecimal characters. */
export function sentryEnvelope(occurrence: ErrorOccurrence, eventId: string, facts: SentryFacts, nowMs: number): string {
  const event = JSON.stringify(sentryEvent(occurrence, eventId, facts));
  const header = JSON.stringify({ event_id: eventId, sent_at: new Date(nowMs).toISOString() });
  const item = JSON.stringify({ type: 'event', content_type: 'application/json', length: Buffer.byteLength(event) });
  return `${header}\n${item}\n${event}\n`;
}

function sentryEvent({ error, at, fingerprint, run, tags }: ErrorOccurrence, eventId: string, facts: SentryFacts): object {
  return {
    event_id: eventId,
    timestamp: at / 1_000,
    platform: 'node',
    level: error.disposition === 'cancelled' ? 'info' : 'error',
    logger: 'mainstay',
    ...(facts.release === undefined ? {} : { release: facts.release }),
    ...(facts.environment === undefined ? {} : { environment: facts.environment }),
    ...(facts.serverName === undefined ? {} : { server_name: facts.serverName }),
    fingerprint: [fingerprint],
    exception: { values: exceptionsOf(error) },
    tags: { ...tags, code: error.code, disposition: error.disposition, ...(run === undefined ? {} : { run }) },
  };
}

/** The innermost cause first, as the protocol has it. */
function exceptionsOf(error: SerializedError): object[] {
  const chain: SerializedError[] = [];
  for (let one: SerializedError | undefined = error; one !== undefined && chain.length < MAX_EXCEPTIONS; one = one.cause) chain.push(one);
  return chain.reverse().map(({ name, message, stack }) => ({ type: name, value: message, ...stacktraceOf(stack) }));
}

/** The uppermost frame last, as the protocol has it. */
function stacktraceOf(stack: string | undefined): object {
  const frames = parseStack(stack).slice(0, MAX_FRAMES).reverse();
  if (frames.length === 0) return {};
  const written = frames.map(({ name, file, line, column, inApp }) => ({
    ...(name === '' ? {} : { function: name }),
    filename: file,
    lineno: line,
    colno: column,
    in_app: inApp,
  }));
  return { stacktrace: { frames: written } };
}
