import {
  type ControlMessage,
  controlMessageSchema,
  MESSAGE_VERSION,
  type TaskMessage,
  taskMessageSchema,
  type WorkerMessage,
  workerMessageSchema,
} from '@mainstay/types';
import type { z } from 'zod';
import type { Refusal } from '../transport.ts';

/** A parsed value as a message, or why it is none. */
export type Reading<M> =
  { readonly ok: true; readonly message: M } | { readonly ok: false; readonly code: Refusal['code']; readonly reason: string };

export type Reader<M> = (value: unknown) => Reading<M>;

function reader<M>(schema: z.ZodType<M>): Reader<M> {
  return (value) => {
    const version = typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined;
    if (typeof version === 'number' && version > MESSAGE_VERSION) {
      return {
        ok: false,
        code: 'MESSAGE_VERSION_UNSUPPORTED',
        reason: `it has version ${String(version)}; this program reads up to ${String(MESSAGE_VERSION)}`,
      };
    }
    const result = schema.safeParse(value);
    if (result.success) return { ok: true, message: result.data };
    const [issue] = result.error.issues;
    return { ok: false, code: 'MESSAGE_INVALID', reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
  };
}

export const readTask: Reader<TaskMessage> = reader<TaskMessage>(taskMessageSchema);
export const readWorkerMessage: Reader<WorkerMessage> = reader<WorkerMessage>(workerMessageSchema);
export const readControl: Reader<ControlMessage> = reader<ControlMessage>(controlMessageSchema);
