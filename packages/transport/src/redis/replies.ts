import { FIELD, type Keys } from './keys.ts';

/** An entry of a lane as it came. `frame` is undefined for one that was deleted or has another shape. */
export interface RawEntry {
  readonly lane: string;
  readonly id: string;
  readonly frame: string | undefined;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text of a reply, whether the client decoded it or not. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Buffer) return value.toString();
  return typeof value === 'number' ? String(value) : '';
}

/** A number of a reply; 0 for anything else. */
export function count(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(text(value));
  return Number.isFinite(number) ? number : 0;
}

/** The numbers of a reply. */
export const numbers = (value: unknown): readonly number[] => list(value).map(count);

/** The strings of a reply. */
export const strings = (value: unknown): readonly string[] => list(value).map(text);

/** XRANGE, XCLAIM: `[[id, [field, value, …]], …]`. */
export function entries(lane: string, reply: unknown): readonly RawEntry[] {
  return list(reply).map((item) => {
    const [id, fields] = list(item);
    return { lane, id: text(id), frame: frameOf(list(fields)) };
  });
}

/** The frame is the only field of an entry, but for what others may have put there. */
function frameOf(pairs: readonly unknown[]): string | undefined {
  const at = isField(pairs[0]) ? 0 : pairs.findIndex(isField);
  const frame = at < 0 ? undefined : pairs[at + 1];
  return frame === undefined ? undefined : text(frame);
}

const FIELD_BYTES = Buffer.from(FIELD);
const isField = (name: unknown): boolean => (name instanceof Buffer ? FIELD_BYTES.equals(name) : name === FIELD);

/** XREADGROUP, decoded or (cheaper, since only what is needed is decoded then) as buffers: `[[key, entries], …]` or nothing. Entries by lane. */
export function streams(keys: Keys, reply: unknown): readonly (readonly RawEntry[])[] {
  return list(reply).map((item) => {
    const [key, found] = list(item);
    return entries(keys.nameOf(text(key)), found);
  });
}

/** XPENDING of a range: `[[id, consumer, idle, deliveries], …]`. */
export const pendingIds = (reply: unknown): readonly string[] => list(reply).map((item) => text(list(item)[0]));

/** How many entries of a lane are pending, and with whom. */
export interface PendingSummary {
  readonly total: number;
  readonly owners: readonly string[];
}

/** XPENDING summary: `[count, first, last, [[consumer, count], …]]`. */
export function pendingSummary(reply: unknown): PendingSummary {
  const [total, , , owners] = list(reply);
  return { total: count(total), owners: list(owners).map((item) => text(list(item)[0])) };
}

/** XINFO CONSUMERS: `[['name', name, 'pending', n, …], …]`. */
export function consumerNames(reply: unknown): readonly string[] {
  return list(reply).flatMap((item) => {
    const fields = list(item);
    const at = fields.indexOf('name');
    return at < 0 ? [] : [text(fields[at + 1])];
  });
}
