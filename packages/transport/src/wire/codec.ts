import type { ControlMessage, TaskMessage, WorkerMessage } from '@mainstay/types';
import type { Refusal } from '../transport.ts';
import { DEFAULT_MAX_MESSAGE_BYTES, open, seal, toJson } from './frame.ts';
import { type Reader, readControl, readTask, readWorkerMessage } from './read.ts';
import { createSigner, type SigningKey } from './signer.ts';

export interface CodecOptions {
  /** The first signs, all verify. */
  readonly keys: readonly SigningKey[];
  /** Limit of one message's JSON, in bytes. Default 4 MiB. */
  readonly maxMessageBytes?: number | undefined;
}

/** What a frame held: messages that can be used and refusals of those that cannot. */
export interface Decoded<M> {
  readonly messages: readonly M[];
  readonly refusals: readonly Refusal[];
}

/** Turns messages into signed frames for a lane and back. Encoding throws MESSAGE_TOO_LARGE; decoding never throws. */
export interface Codec {
  readonly encode: (lane: string, message: TaskMessage | ControlMessage) => string;
  /** As few frames as the limit allows, each a batch. */
  readonly encodeBatches: (lane: string, messages: readonly WorkerMessage[]) => readonly string[];
  readonly decodeTask: (lane: string, frame: string) => Decoded<TaskMessage>;
  readonly decodeBatch: (lane: string, frame: string) => Decoded<WorkerMessage>;
  readonly decodeControl: (lane: string, frame: string) => Decoded<ControlMessage>;
}

/** The brackets of a batch of one message that is exactly as large as allowed. */
const BATCH_BRACKETS = 2;
/** Messages in one frame at most. */
export const MAX_BATCH_MESSAGES = 500;

export function createCodec(options: CodecOptions): Codec {
  const signer = createSigner(options.keys);
  const maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
  const decode = <M>(lane: string, frame: string, read: Reader<M>): Decoded<M> => {
    const opened = open(signer, lane, frame, maxBytes + BATCH_BRACKETS);
    return opened.ok ? readAll(lane, [opened.value], read) : { messages: [], refusals: [opened.refusal] };
  };
  return {
    encode: (lane, message) => seal(signer, lane, toJson(message, maxBytes)),
    encodeBatches: (lane, messages) =>
      pack(
        messages.map((message) => toJson(message, maxBytes)),
        maxBytes,
      ).map((json) => seal(signer, lane, json)),
    decodeTask: (lane, frame) => decode(lane, frame, readTask),
    decodeControl: (lane, frame) => decode(lane, frame, readControl),
    decodeBatch: (lane, frame) => {
      const opened = open(signer, lane, frame, maxBytes + BATCH_BRACKETS);
      if (!opened.ok) return { messages: [], refusals: [opened.refusal] };
      const values: readonly unknown[] = Array.isArray(opened.value) ? opened.value : [opened.value];
      return readAll(lane, values, readWorkerMessage);
    },
  };
}

/** Reads each value by itself: one message that is too new does not take its neighbours with it. */
function readAll<M>(lane: string, values: readonly unknown[], read: Reader<M>): Decoded<M> {
  const messages: M[] = [];
  const refusals: Refusal[] = [];
  for (const value of values) {
    const result = read(value);
    if (result.ok) messages.push(result.message);
    else refusals.push({ lane, code: result.code, reason: result.reason });
  }
  return { messages, refusals };
}

/** Joins JSON texts to JSON arrays of at most `maxBytes` (a single text may fill it alone). */
function pack(texts: readonly string[], maxBytes: number): readonly string[] {
  const batches: string[] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    const size = Buffer.byteLength(text) + 1;
    if (batch.length > 0 && (bytes + size > maxBytes || batch.length === MAX_BATCH_MESSAGES)) {
      batches.push(`[${batch.join(',')}]`);
      batch = [];
      bytes = 0;
    }
    batch.push(text);
    bytes += size;
  }
  if (batch.length > 0) batches.push(`[${batch.join(',')}]`);
  return batches;
}
