import type { Transport } from './transport.ts';

/** Calls that wait for messages: their time says nothing about the carrier. */
export type WaitingCall = 'receiveTasks' | 'receiveResults';
/** The calls of a transport that go to the carrier, by the name of the method. */
export type TransportCall = Exclude<keyof Transport, 'name' | 'up' | 'start' | 'close' | 'onControl'>;

export interface CallEnd {
  readonly call: TransportCall;
  readonly durationMs: number;
  readonly ok: boolean;
}

/** Told of every call that ended; must not throw. */
export type OnCall = (end: CallEnd) => void;

/**
 * The same transport; every call to the carrier is told when it ended. Callers get the transport's own promises, so that nothing comes
 * later than without it.
 */
export function watchCalls(transport: Transport, onCall: OnCall, now: () => number = () => performance.now()): Transport {
  const watch =
    <A extends unknown[], R>(call: TransportCall, method: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      const startedAt = now();
      const tell = (ok: boolean) => () => {
        onCall({ call, durationMs: now() - startedAt, ok });
      };
      const result = method(...args);
      result.then(tell(true), tell(false));
      return result;
    };
  return {
    name: transport.name,
    get up() {
      return transport.up;
    },
    start: () => transport.start(),
    close: () => transport.close(),
    onControl: (handler) => transport.onControl(handler),
    ping: watch('ping', (...args) => transport.ping(...args)),
    sendTasks: watch('sendTasks', (...args) => transport.sendTasks(...args)),
    receiveTasks: watch('receiveTasks', (...args) => transport.receiveTasks(...args)),
    sendResults: watch('sendResults', (...args) => transport.sendResults(...args)),
    dropTasks: watch('dropTasks', (...args) => transport.dropTasks(...args)),
    pendingTasksOf: watch('pendingTasksOf', (...args) => transport.pendingTasksOf(...args)),
    readers: watch('readers', (...args) => transport.readers(...args)),
    forget: watch('forget', (...args) => transport.forget(...args)),
    depths: watch('depths', (...args) => transport.depths(...args)),
    kinds: watch('kinds', () => transport.kinds()),
    receiveResults: watch('receiveResults', (...args) => transport.receiveResults(...args)),
    ackResults: watch('ackResults', (...args) => transport.ackResults(...args)),
    takeOverResults: watch('takeOverResults', (...args) => transport.takeOverResults(...args)),
    publish: watch('publish', (...args) => transport.publish(...args)),
    present: watch('present', (...args) => transport.present(...args)),
    epoch: watch('epoch', () => transport.epoch()),
    beginEpoch: watch('beginEpoch', (...args) => transport.beginEpoch(...args)),
    evictionPolicy: watch('evictionPolicy', () => transport.evictionPolicy()),
    usage: watch('usage', () => transport.usage()),
  };
}

const WAITING: ReadonlySet<string> = new Set<WaitingCall>(['receiveTasks', 'receiveResults']);

/** Whether a call waits for messages. */
export function isWaitingCall(call: TransportCall): call is WaitingCall {
  return WAITING.has(call);
}
