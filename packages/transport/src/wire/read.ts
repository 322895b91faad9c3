import {
  type ControlMessage,
  controlMessages,
  MainstayError,
  type MessageFamily,
  readMessage,
  type TaskMessage,
  taskMessages,
  type WorkerMessage,
  workerMessages,
} from '@mainstay/types';
import type { Refusal } from '../transport.ts';

/** A parsed value as a message, or why it is none. */
export type Reading<M> =
  { readonly ok: true; readonly message: M } | { readonly ok: false; readonly code: Refusal['code']; readonly reason: string };

export type Reader<M> = (value: unknown) => Reading<M>;

function reader<M>(family: MessageFamily<M>): Reader<M> {
  return (value) => {
    try {
      return { ok: true, message: readMessage(family, value) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const tooNew = error instanceof MainstayError && error.code === 'MESSAGE_VERSION_UNSUPPORTED';
      return { ok: false, code: tooNew ? 'MESSAGE_VERSION_UNSUPPORTED' : 'MESSAGE_INVALID', reason };
    }
  };
}

export const readTask: Reader<TaskMessage> = reader(taskMessages);
export const readWorkerMessage: Reader<WorkerMessage> = reader(workerMessages);
export const readControl: Reader<ControlMessage> = reader(controlMessages);
