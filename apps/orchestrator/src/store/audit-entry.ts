import { createHash, randomUUID } from 'node:crypto';
import { redactText } from '@mainstay/observability';
import type { JsonObject, JsonValue } from '@mainstay/types';
import type { AuditEntry } from './audit.ts';

/** Characters of JSON that details may have; the database takes a little more. */
export const MAX_DETAILS = 8_000;
const MAX_ACTOR = 300;
const MAX_TARGET = 500;
const MAX_CORRELATION_ID = 200;
/** Of a text in details that are too long as a whole. */
const MAX_CLIPPED = 500;

/** What is to be written down. With an id of its own it is written once, however often and by whomever. */
export type AuditFacts = Omit<AuditEntry, 'id'> & { readonly id?: string };

/** An entry within its bounds: texts are cut, and secrets that are known by their form are not in it. */
export function newAuditEntry({ id = randomUUID(), actor, target, correlationId, details, ...rest }: AuditFacts): AuditEntry {
  return {
    ...{ id, ...rest },
    actor: shown(actor, MAX_ACTOR),
    target: shown(target, MAX_TARGET),
    correlationId: shown(correlationId, MAX_CORRELATION_ID),
    details: boundedDetails(details),
  };
}

/** The id of what these texts name: the same wherever it is worked out (a UUID of version 8). */
export function auditIdOf(...names: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Details without secrets; where they are too long, their numbers and the beginnings of their texts. */
export function boundedDetails(details: JsonObject): JsonObject {
  const clean = cleaned(details);
  if (lengthOf(clean) <= MAX_DETAILS) return clean;
  const kept: Record<string, JsonValue> = { truncated: true };
  for (const [name, value] of Object.entries(clean)) {
    const short = typeof value === 'string' ? clipped(value, MAX_CLIPPED) : value;
    const fits = short === null || typeof short !== 'object' ? lengthOf({ ...kept, [name]: short }) <= MAX_DETAILS : false;
    if (fits) kept[name] = short;
  }
  return kept;
}

/** As the database counts it: it may write a character with six. */
function lengthOf(value: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function shown(text: string, max: number): string {
  return clipped(redactText(text), max);
}

function clipped(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

function cleaned(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, cleanedValue(value)]));
}

function cleanedValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map((item: JsonValue) => cleanedValue(item)) : cleaned(value as JsonObject);
}
