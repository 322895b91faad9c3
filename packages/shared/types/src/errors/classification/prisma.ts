import type { Disposition, ErrorCode } from '../catalogue.ts';
import { type Classification, classified, type Classifier } from './classification.ts';
import { classifySqlState } from './postgres.ts';
import { shapeOf, type Shape, textOf } from './shape.ts';

type Entry = readonly [code: ErrorCode, disposition?: Disposition];

/** Prisma's codes (its error reference); those that are missing are mistakes of this program. */
const CODES: Readonly<Record<string, Entry>> = {
  P1000: ['POSTGRES_UNAVAILABLE'],
  P1001: ['POSTGRES_UNAVAILABLE'],
  P1002: ['POSTGRES_UNAVAILABLE'],
  P1003: ['POSTGRES_UNAVAILABLE'],
  P1008: ['OPERATION_TIMEOUT'],
  P1010: ['POSTGRES_UNAVAILABLE'],
  P1011: ['POSTGRES_UNAVAILABLE'],
  P1017: ['POSTGRES_UNAVAILABLE'],
  P2000: ['VALIDATION_FAILED'],
  P2001: ['NOT_FOUND'],
  P2002: ['CONFLICT', 'terminal'],
  P2003: ['CONFLICT', 'terminal'],
  P2004: ['VALIDATION_FAILED'],
  P2005: ['VALIDATION_FAILED'],
  P2006: ['VALIDATION_FAILED'],
  P2007: ['VALIDATION_FAILED'],
  P2011: ['VALIDATION_FAILED'],
  P2012: ['VALIDATION_FAILED'],
  P2013: ['VALIDATION_FAILED'],
  P2014: ['CONFLICT', 'terminal'],
  P2015: ['NOT_FOUND'],
  P2018: ['NOT_FOUND'],
  P2019: ['VALIDATION_FAILED'],
  P2020: ['VALIDATION_FAILED'],
  P2024: ['OVERLOADED'],
  P2025: ['NOT_FOUND'],
  P2028: ['POSTGRES_UNAVAILABLE'],
  P2033: ['VALIDATION_FAILED'],
  P2034: ['CONFLICT', 'retryable'],
  P2037: ['POSTGRES_UNAVAILABLE'],
};

/** Errors of Prisma's client, and those of its driver adapters. */
export const classifyPrisma: Classifier = (error) => {
  const name = textOf(error, 'name') ?? '';
  if (name === 'DriverAdapterError') return ofAdapter(shapeOf(error, 'cause'));
  if (!name.startsWith('PrismaClient')) return undefined;
  const code = textOf(error, 'code') ?? textOf(error, 'errorCode') ?? '';
  // a raw query failed: the database says why
  const inner = shapeOf(shapeOf(error, 'meta'), 'driverAdapterError');
  if (code === 'P2010' && inner !== undefined) return ofAdapter(shapeOf(inner, 'cause'));
  if (name === 'PrismaClientInitializationError' && code === '') return classified('POSTGRES_UNAVAILABLE', '');
  // nobody knows whether trying again helps
  if (name === 'PrismaClientUnknownRequestError') return undefined;
  const [ours, disposition] = CODES[code] ?? (['INTERNAL', 'terminal'] as const);
  return classified(ours, code, disposition);
};

/** What an adapter was told by the database or the driver. */
function ofAdapter(cause: Shape | undefined): Classification | undefined {
  const state = textOf(cause, 'originalCode') ?? textOf(cause, 'code');
  if (state === undefined) return undefined;
  return classifySqlState(state, textOf(cause, 'originalMessage') ?? textOf(cause, 'message') ?? '');
}
