import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { errorCode } from './error-code.ts';

const endpoint = z.object({ port: z.number().int().min(1).max(65_535), password: z.string().min(16) });
const processSchema = z.object({ pid: z.number().int().positive(), started: z.string().min(1) });
const stateSchema = z.object({
  postgres: endpoint.optional(),
  redis: endpoint.optional(),
  processes: z.object({ postgres: processSchema.optional(), redis: processSchema.optional() }).default({}),
});

/** The two servers. */
export type ServiceName = 'postgres' | 'redis';

/** What the supervisor remembers from one start to the next: ports, passwords, and the processes that it started. */
export type ServiceState = z.infer<typeof stateSchema>;

/** Port and password of one server. */
export type Endpoint = z.infer<typeof endpoint>;

/** Reads the state; an empty one if there is none. An unreadable state is an error: its passwords cannot be guessed. */
export function readState(file: string): ServiceState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { processes: {} };
    throw error;
  }
  return stateSchema.parse(JSON.parse(text));
}

/** Replaces the state in one step, readable for its owner only. Synchronous: nothing may happen between a spawn and its record. */
export function writeState(file: string, state: ServiceState): void {
  const half = `${file}.${String(process.pid)}`;
  writeFileSync(half, JSON.stringify(state, undefined, 2), { mode: 0o600 });
  renameSync(half, file);
}

/** A password that needs no escaping in a URL. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
