import { controlMessageSchema } from './control-message.ts';
import { MESSAGE_VERSION } from './envelope.ts';
import { isExactControl } from './exact-control.ts';
import { isExactTask } from './exact-task.ts';
import { isExactWorkerMessage } from './exact-worker.ts';
import { workerMessageSchema } from './result-message.ts';
import { taskMessageSchema } from './task-message.ts';
import { messageFamily } from './versions.ts';

/** What orchestrators ask of workers. */
export const taskMessages = messageFamily('task', MESSAGE_VERSION, taskMessageSchema, {}, isExactTask);

/** What workers report: results and news. */
export const workerMessages = messageFamily('worker', MESSAGE_VERSION, workerMessageSchema, {}, isExactWorkerMessage);

/** What may be missed: signs of life, cancellations, wake-ups. */
export const controlMessages = messageFamily('control', MESSAGE_VERSION, controlMessageSchema, {}, isExactControl);
