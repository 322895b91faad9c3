import { hash } from 'node:crypto';
import type { JsonObject, JsonValue } from '@mainstay/types';

/** JSON with sorted keys and without spaces: equal values give equal text. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value as JsonObject);
}

function canonicalArray(items: readonly JsonValue[]): string {
  let text = '[';
  for (const item of items) text += text === '[' ? canonicalJson(item) : `,${canonicalJson(item)}`;
  return `${text}]`;
}

function canonicalObject(value: JsonObject): string {
  let text = '{';
  for (const key of Object.keys(value).sort()) {
    text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`;
  }
  return `${text}}`;
}

/** What an idempotency key stands for: SHA-256 (hex) of method, path and body. */
export function requestHash(method: string, path: string, body: JsonValue): string {
  return hash('sha256', `${method}\n${path}\n${canonicalJson(body)}`);
}
