import { isErrorCode } from '../catalogue.ts';
import { MainstayError } from '../mainstay-error.ts';
import { toMainstayError } from '../serialize.ts';
import type { Classification, Classifier } from './classification.ts';
import { classifyHttp } from './http.ts';
import { classifyAbort, classifyOpossum, classifyToken, classifyZod } from './libraries.ts';
import { classifyPostgres } from './postgres.ts';
import { classifyPrisma } from './prisma.ts';
import { classifyRedis } from './redis.ts';
import { causesOf, type Shape } from './shape.ts';
import { classifyShortage } from './shortages.ts';
import { classifySystem } from './system.ts';

/** In this order: names that several libraries use come after the messages that tell them apart. */
const CLASSIFIERS: readonly Classifier[] = [
  ofPlatform,
  classifyShortage,
  classifyZod,
  classifyPrisma,
  classifyRedis,
  classifyPostgres,
  classifyToken,
  classifyOpossum,
  classifyAbort,
  classifySystem,
];

/** Errors within an AggregateError beyond these are not looked at. */
const MAX_ERRORS = 16;

/**
 * Code and disposition of any thrown value, by its shape: errors of the platform (what they say of themselves), Node,
 * ioredis, Postgres, Prisma, HTTP clients, zod, opossum, jsonwebtoken, AbortError and TimeoutError. What says nothing
 * itself is what its cause is, five levels deep, or the most hopeful of its `errors`. Undefined for what nobody
 * classified, such as a TypeError. Never throws.
 * @param nowMs milliseconds since 1970, for a `Retry-After` that is a date.
 */
export function classifyError(thrown: unknown, nowMs: number = Date.now()): Classification | undefined {
  try {
    for (const error of causesOf(thrown)) {
      const found = classifyOne(error, nowMs) ?? ofMany(error, nowMs);
      if (found !== undefined) return found;
    }
  } catch {
    // a getter of somebody else's object threw: nothing is known of it
  }
  return undefined;
}

/**
 * Any thrown value as an error of the platform, with the code, disposition and wait that {@link classifyError} knows, and
 * the value as its cause. For calls of other services; it says nothing of whether a request to us was wrong.
 */
export function toClassifiedError(thrown: unknown, nowMs?: number): MainstayError {
  if (thrown instanceof MainstayError) return thrown;
  const { code = 'INTERNAL', ...rest } = classifyError(thrown, nowMs) ?? {};
  return new MainstayError(code, toMainstayError(thrown).message, { ...rest, cause: thrown });
}

function classifyOne(error: Shape, nowMs: number): Classification | undefined {
  for (const classifier of CLASSIFIERS) {
    const found = classifier(error);
    if (found !== undefined) return found;
  }
  return classifyHttp(error, nowMs);
}

function ofMany(error: Shape, nowMs: number): Classification | undefined {
  const { errors } = error;
  if (!Array.isArray(errors)) return undefined;
  const found = errors.slice(0, MAX_ERRORS).flatMap((one: unknown) => classifyShallow(one, nowMs));
  return found.find(({ disposition }) => disposition === 'retryable') ?? found[0];
}

function classifyShallow(error: unknown, nowMs: number): Classification[] {
  for (const cause of causesOf(error)) {
    const found = classifyOne(cause, nowMs);
    if (found !== undefined) return [found];
  }
  return [];
}

/** Errors of the platform, also those of another copy of this module. */
function ofPlatform(error: Shape): Classification | undefined {
  const { code, disposition, retryAfterMs } = error;
  if (typeof code !== 'string' || !isErrorCode(code)) return undefined;
  if (disposition !== 'terminal' && disposition !== 'retryable' && disposition !== 'cancelled') return undefined;
  return { code, disposition, ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}) };
}
