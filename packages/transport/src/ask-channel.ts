import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type ControlMessage,
  isErrorCode,
  type JsonObject,
  MainstayError,
  MESSAGE_VERSION,
  NotFoundError,
  type ProcessAsk,
  type ReplyPart,
  serializeError,
  TimeoutError,
  uuidv7,
} from '@mainstay/types';
import { type Clock, systemClock } from '@mainstay/utils';
import type { Transport } from './transport.ts';

/** Does what is asked for; its text is the answer. The signal aborts when the channel is closed. */
export type AskHandler = (params: JsonObject, asked: { readonly from: string; readonly signal: AbortSignal }) => Promise<string>;

export interface AskOptions {
  /** Time for the whole, from the moment that the process says that it has begun. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Has one process do something, by its name. */
export interface AskChannel extends Disposable {
  /**
   * Resolves with the answer. Rejects with PROCESS_NOT_FOUND when there is no such process, or it does not begin within 3 s (it hangs, or
   * does not know what is asked); OPERATION_TIMEOUT; the error that the other process answers with; the signal's reason.
   */
  ask(process: string, what: string, params: JsonObject, options: AskOptions): Promise<string>;
}

/** An answer, packed, has no more bytes than this: it passes through the memory of Redis. */
export const MAX_ANSWER_BYTES = 16 * 1_048_576;
const PART_LENGTH = 256 * 1_024;
const BEGIN_WITHIN_MS = 3_000;

interface Waiting {
  readonly parts: Map<number, string>;
  readonly begun: () => void;
  readonly settle: (outcome: { readonly text: string } | { readonly error: unknown }) => void;
}

/**
 * Requests and answers over the message `hello`; the transport must be started. What is lost is not sent again: then the time limit ends
 * the wait.
 */
export function openAskChannel(
  transport: Transport,
  handlers: Readonly<Record<string, AskHandler>>,
  clock: Clock = systemClock,
): AskChannel {
  const waiting = new Map<string, Waiting>();
  const closed = new AbortController();

  const reply = (to: string, part: ReplyPart) =>
    transport.publish({ process: to }, { v: MESSAGE_VERSION, type: 'hello', from: transport.name, reply: part });

  const answer = async (from: string, { id, what, params }: ProcessAsk): Promise<void> => {
    const handler = handlers[what];
    if (handler === undefined) return;
    await reply(from, { id, part: 0, parts: 0, data: '' });
    const parts = await partsOf(() => handler(params, { from, signal: closed.signal }));
    for (const part of parts) await reply(from, { id, ...part });
  };

  const take = (part: ReplyPart): void => {
    const asked = waiting.get(part.id);
    if (asked === undefined) return;
    asked.begun();
    if (part.error !== undefined) asked.settle({ error: thrown(part.error) });
    else if (part.part > 0 && !asked.parts.has(part.part)) {
      asked.parts.set(part.part, part.data);
      if (asked.parts.size === part.parts) asked.settle(joined(asked.parts));
    }
  };

  const unsubscribe = transport.onControl((message: ControlMessage) => {
    if (message.type !== 'hello') return;
    // who asked and cannot be answered sees the time limit
    if (message.ask !== undefined) answer(message.from, message.ask).catch(() => undefined);
    if (message.reply !== undefined) take(message.reply);
  });

  return {
    async ask(process, what, params, { timeoutMs, signal }) {
      signal?.throwIfAborted();
      if (!(await transport.present([process])).has(process)) throw missing(process, 'There is no process of this name');
      const id = uuidv7();
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const late = (ms: number, error: () => Error) =>
        clock.setTimeout(() => {
          reject(error());
        }, ms);
      let timer = late(BEGIN_WITHIN_MS, () => missing(process, `The process does not answer: it hangs, or is too old to know "${what}"`));
      let hasBegun = false;
      waiting.set(id, {
        parts: new Map(),
        begun() {
          if (hasBegun) return;
          hasBegun = true;
          clock.clearTimeout(timer);
          timer = late(
            timeoutMs,
            () => new TimeoutError('OPERATION_TIMEOUT', `The process ${process} did not answer within ${timeoutMs} ms`),
          );
        },
        settle(outcome) {
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.text);
        },
      });
      const onAbort = (): void => {
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort);
      try {
        await transport.publish({ process }, { v: MESSAGE_VERSION, type: 'hello', from: transport.name, ask: { id, what, params } });
        return await promise;
      } finally {
        clock.clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        waiting.delete(id);
      }
    },
    [Symbol.dispose]() {
      closed.abort(new MainstayError('SHUTTING_DOWN', 'The process shuts down'));
      unsubscribe();
    },
  };
}

type Part = Omit<ReplyPart, 'id'>;

/** The answer in parts, or the error. */
async function partsOf(work: () => Promise<string>): Promise<readonly Part[]> {
  try {
    const packed = gzipSync(await work());
    if (packed.length > MAX_ANSWER_BYTES) {
      const message = `The answer has ${packed.length} bytes, packed; ${MAX_ANSWER_BYTES} may be sent`;
      throw new MainstayError('PROFILE_TOO_LARGE', message, { details: { bytes: packed.length } });
    }
    const text = packed.toString('base64');
    const parts = Math.max(1, Math.ceil(text.length / PART_LENGTH));
    return Array.from({ length: parts }, (_, n) => ({ part: n + 1, parts, data: text.slice(n * PART_LENGTH, (n + 1) * PART_LENGTH) }));
  } catch (error) {
    const { code, message, details = {} } = serializeError(error);
    return [{ part: 1, parts: 1, data: '', error: { code: code.slice(0, 64), message: message.slice(0, 2_000), details } }];
  }
}

function joined(parts: ReadonlyMap<number, string>): { readonly text: string } | { readonly error: unknown } {
  try {
    const packed = Buffer.from(Array.from({ length: parts.size }, (_, n) => parts.get(n + 1) ?? '').join(''), 'base64');
    return { text: gunzipSync(packed, { maxOutputLength: 32 * MAX_ANSWER_BYTES }).toString('utf8') };
  } catch (error) {
    return { error };
  }
}

function thrown({ code, message, details }: NonNullable<ReplyPart['error']>): MainstayError {
  return new MainstayError(isErrorCode(code) ? code : 'INTERNAL', message, { details });
}

function missing(process: string, message: string): NotFoundError {
  return new NotFoundError('PROCESS_NOT_FOUND', message, { details: { process } });
}
