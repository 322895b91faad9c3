import type { Change, RunInput, RunState, Store, Transition } from '@mainstay/orchestrator/parts';
import type { Transport } from '@mainstay/transport';
import type { Variant } from '../fleet/variant.ts';
import { override } from './override.ts';

export interface NamedVariant extends Variant {
  readonly name: string;
  /** Seeds within which it must be caught. */
  readonly within: number;
}

const store = (methods: (store: Store) => Partial<Store>): Pick<Variant, 'orchestratorStore'> => ({
  orchestratorStore: (port) => override(port, methods(port)),
});
const carrier = (methods: (transport: Transport) => Partial<Transport>): Pick<Variant, 'orchestratorTransport'> => ({
  orchestratorTransport: (port) => override(port, methods(port)),
});
const worker = (methods: (transport: Transport) => Partial<Transport>): Pick<Variant, 'workerTransport'> => ({
  workerTransport: (port) => override(port, methods(port)),
});
const inputs = (rewrite: (input: RunInput, state: RunState) => RunInput): Pick<Variant, 'transition'> => ({
  transition: (sound) => (pipeline, state, given, context) =>
    sound(
      pipeline,
      state,
      given.map((input) => rewrite(input, state)),
      context,
    ),
});
const changes = (rewrite: (change: Change) => Change): Pick<Variant, 'transition'> => ({
  transition:
    (sound): Transition =>
    (...args) =>
      rewrite(sound(...args)),
});

const NONE = Promise.resolve([]);
const idsOf = (list: readonly Change[]): ReadonlySet<string> => new Set(list.map(({ state }) => state.id));

/** Systems that are broken on purpose, a line each; the rules of the simulation must catch every one. */
export const VARIANTS: readonly NamedVariant[] = [
  // fences and numbers
  {
    name: 'the fence of an outcome is not checked',
    within: 300,
    ...inputs((input, { tasks }) => ('fence' in input ? { ...input, fence: tasks.get(input.task)?.fence ?? input.fence } : input)),
  },
  {
    name: 'the fence does not grow',
    within: 50,
    ...changes((change) => ({
      ...change,
      commands: change.commands.map((command) =>
        command.type === 'dispatch' ? { ...command, message: { ...command.message, fence: 1 } } : command,
      ),
    })),
  },
  {
    name: 'a write that met another number counts as done',
    within: 300,
    ...store((port) => ({ commit: (list, mark) => port.commit(list, mark).then(() => idsOf(list)) })),
  },
  {
    name: 'the number is taken when it is written, outside the decision',
    within: 300,
    ...store((port) => ({
      commit: async (list, mark) => {
        const now = await port.load([...idsOf(list)]);
        return port.commit(
          list.map((change) => renumbered(change, now.get(change.state.id))),
          mark,
        );
      },
    })),
  },
  // order of writing, sending and acknowledging
  {
    name: 'results are acknowledged before they are on disk',
    within: 50,
    ...carrier((port) => ({
      receiveResults: async (options) => {
        const batches = await port.receiveResults(options);
        await port.ackResults(batches.map(({ receipt }) => receipt));
        return batches;
      },
    })),
  },
  {
    name: 'tasks are sent before they are on disk',
    within: 50,
    ...store((port) => ({
      commit: (list, mark) => {
        port.commit(list, mark).catch(() => undefined);
        return Promise.resolve(idsOf(list));
      },
    })),
  },
  {
    name: 'the mark runs ahead of what was sent',
    within: 50,
    ...store((port) => ({ commit: (list, mark) => port.commit(list, { ...mark, published: mark.batch }) })),
  },
  {
    name: 'a failed send counts as done',
    within: 300,
    ...carrier((port) => ({ sendTasks: (tasks) => port.sendTasks(tasks).catch(() => undefined) })),
  },
  {
    name: 'a failed commit counts as done',
    within: 50,
    ...store((port) => ({ commit: (list, mark) => port.commit(list, mark).catch(() => idsOf(list)) })),
  },
  { name: 'results are never acknowledged', within: 50, ...carrier(() => ({ ackResults: () => Promise.resolve() })) },
  // workers
  {
    name: 'a heartbeat that failed counts as sent',
    within: 300,
    ...worker((port) => ({ publish: (channel, message) => port.publish(channel, message).catch(() => undefined) })),
  },
  {
    name: 'tasks are acknowledged when they are read',
    within: 300,
    ...worker((port) => ({
      receiveTasks: async (options) => {
        const tasks = await port.receiveTasks(options);
        await port.dropTasks(tasks.map(({ receipt }) => receipt));
        return tasks;
      },
    })),
  },
  {
    name: 'a result is sent without acknowledging its task',
    within: 50,
    ...worker((port) => ({ sendResults: (messages) => port.sendResults(messages, []) })),
  },
  {
    name: 'a result that could not be sent is forgotten',
    within: 300,
    ...worker((port) => ({ sendResults: (messages, ended) => port.sendResults(messages, ended).catch(() => undefined) })),
  },
  {
    name: 'of several tasks that were read only the first is begun',
    within: 50,
    ...worker((port) => ({ receiveTasks: async (options) => (await port.receiveTasks(options)).slice(0, 1) })),
  },
  {
    name: 'work goes on without its checkpoint',
    within: 50,
    ...worker((port) => ({
      receiveTasks: async (options) =>
        (await port.receiveTasks(options)).map(({ message: { restored: _restored, ...message }, receipt }) => ({ message, receipt })),
    })),
  },
  // recovery
  {
    name: 'a loss is not counted',
    within: 50,
    ...inputs((input) => (input.type === 'lost' ? { type: 'undelivered', task: input.task, fence: input.fence } : input)),
  },
  {
    name: 'tasks of dead workers are not taken back',
    within: 50,
    ...carrier((port) => ({ pendingTasksOf: () => NONE, readers: () => port.readers([]) })),
  },
  { name: 'results of dead orchestrators are not taken over', within: 300, ...carrier(() => ({ takeOverResults: () => NONE })) },
  { name: 'what a dead orchestrator had not sent is not looked for', within: 300, ...store(() => ({ unpublished: () => NONE })) },
  { name: 'what lay in a lost carrier is not looked for', within: 300, ...store(() => ({ ofOtherEpochs: () => NONE })) },
  { name: 'a lost carrier is not noticed', within: 300, ...unnoticed() },
  // what is kept
  { name: 'dead letters are not kept', within: 50, ...changes((change) => ({ ...change, deadLetters: [] })) },
  { name: 'answers are not kept', within: 50, ...changes((change) => ({ ...change, closed: [] })) },
  // the sweeper
  { name: 'due times are not looked at', within: 50, ...store(() => ({ due: () => Promise.resolve({ runs: [] }) })) },
  { name: 'queued runs are not admitted', within: 300, ...store(() => ({ admit: () => NONE })) },
  { name: 'suspended runs are not woken', within: 300, ...store(() => ({ suspended: () => NONE })) },
  // intake
  {
    name: 'the key of a request is ignored',
    within: 300,
    ...store((port) => ({
      create: (runs, mark) =>
        port.create(
          runs.map(({ idempotency: _idempotency, ...run }) => run),
          mark,
        ),
    })),
  },
  {
    name: 'the limit of a pipeline is ignored',
    within: 300,
    ...store((port) => ({
      create: (runs, mark) =>
        port.create(
          runs.map(({ concurrency: _concurrency, ...run }) => run),
          mark,
        ),
    })),
  },
];

/** The change as if it had been decided on what is stored now. */
function renumbered(change: Change, stored: RunState | undefined): Change {
  const seq = stored?.seq ?? change.before.seq;
  const by = seq - change.before.seq;
  if (by === 0) return change;
  return {
    ...change,
    before: { ...change.before, seq },
    state: { ...change.state, seq: change.state.seq + by },
    events: change.events.map((event) => ({ ...event, seq: event.seq + by })),
  };
}

/** Remembers the first epoch for ever. */
function unnoticed(): Pick<Variant, 'orchestratorTransport'> {
  return {
    orchestratorTransport: (port) => {
      let first: string | undefined;
      return override(port, { epoch: async () => (first ??= await port.epoch()) });
    },
  };
}
