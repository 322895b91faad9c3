import { isTraceparent } from '../ids.ts';
import type { Envelope } from './envelope.ts';

/**
 * Parts of the checks by hand: see `isExact` of a message family. A check may refuse what the schema accepts (the schema
 * then decides), never accept what it refuses or would change.
 */

/** The fields of `T`, of which nothing is known yet. */
export type Fields<T> = { readonly [K in keyof T]?: unknown };

/** True for an object with exactly so many fields: together with a check of each, it has no unknown one. */
export function hasFields(value: object, count: number): boolean {
  return Object.keys(value).length === count;
}

/** 1 for a field that is there, to count optional ones. */
export const present = (value: unknown): number => (value === undefined ? 0 : 1);

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string of `min` to `max` characters. */
export function isText(value: unknown, min: number, max: number): boolean {
  return typeof value === 'string' && value.length >= min && value.length <= max;
}

/** Ids and names: 1 to 200 characters. */
export function isName(value: unknown): boolean {
  return isText(value, 1, 200);
}

/** An integer from 1. */
export function isPositive(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** An integer from 0. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isAbsentOr(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || check(value);
}

/** A list of `min` to `max` elements that all pass. */
export function isListOf(value: unknown, min: number, max: number, check: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length >= min && value.length <= max && value.every(check);
}

const ENVELOPE_FIELDS = 9;

/** How many fields a right envelope takes, `v` and optional ones included; 0 for a wrong one. */
export function envelopeFields(m: Fields<Envelope>): number {
  const right =
    isName(m.id) &&
    isName(m.tenant) &&
    isName(m.run) &&
    isName(m.task) &&
    isPositive(m.attempt) &&
    isPositive(m.fence) &&
    isAbsentOr(m.deadline, isPositive) &&
    isName(m.correlationId) &&
    typeof m.traceparent === 'string' &&
    isTraceparent(m.traceparent) &&
    isAbsentOr(m.tracestate, (state) => isText(state, 1, 512));
  return right ? ENVELOPE_FIELDS + present(m.deadline) + present(m.tracestate) : 0;
}
