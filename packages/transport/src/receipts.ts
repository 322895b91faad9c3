import type { Receipt } from './transport.ts';

/** Stands in no id. */
const SEPARATOR = '&';

/** What acknowledges an entry: its id and, so that both go together, the name of its payload if it has one. */
export function receiptOf(lane: string, id: string, payload: string | undefined): Receipt {
  return { lane, entry: payload === undefined ? id : `${id}${SEPARATOR}${payload}` };
}

/** The id of a receipt's entry. */
export function entryId(receipt: Receipt): string {
  const end = receipt.entry.indexOf(SEPARATOR);
  return end < 0 ? receipt.entry : receipt.entry.slice(0, end);
}

/** The name of the payload of a receipt's entry. */
export function payloadName(receipt: Receipt): string | undefined {
  const end = receipt.entry.indexOf(SEPARATOR);
  return end < 0 ? undefined : receipt.entry.slice(end + SEPARATOR.length);
}
