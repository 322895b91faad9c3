import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { isCollision, toStoreError } from './errors.ts';
import { Prisma, PrismaClient } from './generated/client.ts';

/** The Prisma client for what is not on the hot path, on the connections of the same pool. */
export class Calm {
  readonly client: PrismaClient;
  readonly #onQuery: (name: string, durationMs: number) => void;

  constructor(pool: pg.Pool, onQuery: (name: string, durationMs: number) => void) {
    this.client = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });
    this.#onQuery = onQuery;
  }

  /** Runs a piece of work under a name; its errors become the platform's. */
  async run<T>(name: string, work: (client: PrismaClient) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work(this.client);
    } catch (error) {
      throw toStoreError(serverError(error), name);
    } finally {
      this.#onQuery(name, performance.now() - startedAt);
    }
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
  }
}

/** Prisma's own codes for a server that cannot be reached or does not answer: P1xxx, and P2024 for the pool. They look like SQLSTATEs. */
const UNREACHABLE = /^(P1\d{3}|P2024)$/;

/** The server's error as its code says it, for Prisma wraps it; `message` and `cause` stay. */
function serverError(error: unknown): unknown {
  const code = originalCode(error);
  if (code === undefined && error instanceof Prisma.PrismaClientKnownRequestError && UNREACHABLE.test(error.code)) {
    return new Error(messageOf(error).split('\n').at(-1)?.trim(), { cause: error });
  }
  return code === undefined || isCollision(error) ? error : Object.assign(new Error(messageOf(error), { cause: error }), { code });
}

function originalCode(error: unknown): string | undefined {
  for (const path of [
    ['cause', 'originalCode'],
    ['meta', 'driverAdapterError', 'cause', 'originalCode'],
  ]) {
    const code = path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      error,
    );
    if (typeof code === 'string') return code;
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
