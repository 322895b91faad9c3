import type { ControlMessage, TaskMessage, WorkerMessage } from '@mainstay/types';
import type { Refusal } from '../transport.ts';
import { DEFAULT_MAX_MESSAGE_BYTES, type Json, open, type Opened, refuse, refuseLarge, seal, textStart, toJson } from './frame.ts';
import { pack, packWhole } from './pack.ts';
import { type Reader, readControl, readTask, readWorkerMessage } from './read.ts';
import { digestOf, isReference, MAX_REFERENCE_FRAME, type Payload, refer, type Reference, toReference } from './reference.ts';
import { createSigner, type SigningKey } from './signer.ts';

export interface CodecOptions {
  /** The first signs, all verify. */
  readonly keys: readonly SigningKey[];
  /** Limit of one message's JSON, in bytes. Default 4 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** The JSON of a task or worker message that has more bytes becomes a payload, to which its frame refers. Default 64 KiB. */
  readonly inlineBytes?: number | undefined;
}

/** A frame and what the carrier must keep for it. */
export interface Sealed {
  readonly frame: string;
  readonly payload?: Payload;
}

/** What a frame held: messages that can be used and refusals of those that cannot. */
export interface Decoded<M> {
  readonly messages: readonly M[];
  readonly refusals: readonly Refusal[];
}

/**
 * Turns messages into signed frames for a lane and back. Encoding throws MESSAGE_TOO_LARGE; decoding never throws. Who decodes
 * gives the payload that the frame refers to, if it was there.
 */
export interface Codec {
  readonly encodeTask: (lane: string, message: TaskMessage) => Sealed;
  /** As few frames as the limit allows, each a batch. A large message has its own. */
  readonly encodeBatches: (lane: string, messages: readonly WorkerMessage[]) => readonly Sealed[];
  readonly encodeControl: (channel: string, message: ControlMessage) => string;
  /** The payload of which a frame truly speaks; undefined for a frame that has all in itself, or that is not genuine. */
  readonly referenceOf: (lane: string, frame: string) => Reference | undefined;
  readonly decodeTask: (lane: string, frame: string, payload?: string) => Decoded<TaskMessage>;
  readonly decodeBatch: (lane: string, frame: string, payload?: string) => Decoded<WorkerMessage>;
  readonly decodeControl: (channel: string, frame: string) => Decoded<ControlMessage>;
}

/** Default limit of a message that lies in its lane, in bytes of its JSON. */
export const DEFAULT_INLINE_BYTES = 64 * 1024;
/** The brackets of a batch of one message that is exactly as large as allowed. */
const BATCH_BRACKETS = 2;

export function createCodec(options: CodecOptions): Codec {
  const signer = createSigner(options.keys);
  const maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
  const inlineBytes = options.inlineBytes ?? DEFAULT_INLINE_BYTES;
  const wholeBytes = Math.min(inlineBytes, maxBytes);
  // Of one worker message, of late: batches that will not fit into a lane whole are not written out whole first.
  let usualBytes = 0;
  const openFrame = (lane: string, frame: string): Opened => open(signer, lane, frame, maxBytes + BATCH_BRACKETS);
  const sealJson = (lane: string, json: Json, byReference: boolean): Sealed => {
    if (!byReference) return { frame: seal(signer, lane, json.text) };
    const { payload, text } = refer(json.text, json.bytes);
    return { frame: seal(signer, lane, text), payload };
  };
  const decode = <M>(lane: string, frame: string, payload: string | undefined, read: (value: unknown) => Decoded<M>): Decoded<M> => {
    const opened = openFrame(lane, frame);
    const whole = opened.ok && isReference(opened.text) ? resolve(lane, opened.text, payload, maxBytes) : opened;
    if (!whole.ok) return { messages: [], refusals: [whole.refusal] };
    const parsed = parse(whole.text);
    return parsed === undefined
      ? { messages: [], refusals: [refuse(lane, 'MESSAGE_INVALID', 'it does not hold JSON').refusal] }
      : read(parsed.value);
  };
  return {
    encodeTask: (lane, message) => {
      const json = toJson(message, maxBytes);
      return sealJson(lane, json, json.bytes > inlineBytes);
    },
    encodeBatches: (lane, messages) => {
      const whole = messages.length > 1 && messages.length * usualBytes < wholeBytes ? packWhole(messages, wholeBytes) : undefined;
      if (whole !== undefined) {
        usualBytes = whole.bytes / messages.length;
        return [sealJson(lane, whole, false)];
      }
      const texts = messages.map((message) => toJson(message, maxBytes));
      usualBytes = texts.reduce((sum, { bytes }) => sum + bytes, 0) / Math.max(1, texts.length);
      return pack(texts, inlineBytes, maxBytes).map(({ json, large }) => sealJson(lane, json, large));
    },
    encodeControl: (channel, message) => seal(signer, channel, toJson(message, maxBytes).text),
    referenceOf: (lane, frame) => {
      if (frame.length > MAX_REFERENCE_FRAME || !isReference(frame, textStart(frame))) return undefined;
      const opened = openFrame(lane, frame);
      return opened.ok ? toReference(opened.text) : undefined;
    },
    decodeTask: (lane, frame, payload) => decode(lane, frame, payload, (value) => readOne(lane, value, readTask)),
    decodeBatch: (lane, frame, payload) =>
      decode(lane, frame, payload, (value) =>
        Array.isArray(value) ? readAll(lane, value, readWorkerMessage) : readOne(lane, value, readWorkerMessage),
      ),
    decodeControl: (channel, frame) => decode(channel, frame, undefined, (value) => readOne(channel, value, readControl)),
  };
}

/** The payload of a reference, if it is the one that was signed. */
function resolve(lane: string, text: string, payload: string | undefined, maxBytes: number): Opened {
  const reference = toReference(text);
  if (reference === undefined) return refuse(lane, 'MESSAGE_INVALID', 'its reference to a payload cannot be read');
  const { name, bytes, digest } = reference;
  if (bytes > maxBytes) return refuseLarge(lane, bytes, maxBytes);
  if (payload === undefined) return refuse(lane, 'MESSAGE_PAYLOAD_MISSING', `its payload ${name} of ${String(bytes)} bytes is not there`);
  if (digestOf(payload) !== digest) return refuse(lane, 'MESSAGE_SIGNATURE_INVALID', `its payload ${name} is not the one that was signed`);
  return { ok: true, text: payload };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const NOTHING: readonly never[] = [];

function readOne<M>(lane: string, value: unknown, read: Reader<M>): Decoded<M> {
  const result = read(value);
  if (result.ok) return { messages: [result.message], refusals: NOTHING };
  return { messages: NOTHING, refusals: [{ lane, code: result.code, reason: result.reason }] };
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
