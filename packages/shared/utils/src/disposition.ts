import { classifyError, type Disposition } from '@mainstay/types';

/**
 * What may be done about any thrown value: what an error of the platform says of itself, and what `classifyError` knows of
 * those of Node, Postgres, Redis, HTTP clients and other libraries; undefined for everything that nobody classified.
 */
export function dispositionOf(thrown: unknown): Disposition | undefined {
  return classifyError(thrown)?.disposition;
}
