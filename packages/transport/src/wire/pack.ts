import type { Json } from './frame.ts';

/** Messages in one frame at most. */
export const MAX_BATCH_MESSAGES = 500;

/** A batch as JSON; `large` for one message that is too large to lie in a lane. */
export interface Packed {
  readonly json: Json;
  readonly large: boolean;
}

/**
 * All messages as one JSON array: the usual case, in which none is large, without a text for each. Undefined when it has more than
 * `maxBytes` (then {@link pack} says where to cut) or is too long.
 */
export function packWhole(messages: readonly object[], maxBytes: number): Json | undefined {
  if (messages.length > MAX_BATCH_MESSAGES) return undefined;
  const text = JSON.stringify(messages);
  const bytes = text.length > maxBytes ? text.length : Buffer.byteLength(text);
  return bytes > maxBytes ? undefined : { text, bytes };
}

/** Joins JSON texts to JSON arrays of at most `maxBytes`, in order; one of more than `inlineBytes` stays alone, as it is. */
export function pack(texts: readonly Json[], inlineBytes: number, maxBytes: number): readonly Packed[] {
  const packed: Packed[] = [];
  let batch: string[] = [];
  let bytes = 0;
  const finish = (): void => {
    if (batch.length > 0) packed.push({ json: { text: `[${batch.join(',')}]`, bytes }, large: false });
    batch = [];
    bytes = 0;
  };
  for (const json of texts) {
    if (json.bytes > inlineBytes) {
      finish();
      packed.push({ json, large: true });
      continue;
    }
    if (bytes + json.bytes + 1 > maxBytes || batch.length === MAX_BATCH_MESSAGES) finish();
    batch.push(json.text);
    bytes += json.bytes + 1;
  }
  finish();
  return packed;
}
