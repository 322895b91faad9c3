import { describe, expect, test } from '@jest/globals';
import { failure, newRun, ready, running } from '../store/testing/changes.ts';
import { failureOf } from './task-failure.ts';

const { state } = newRun({ tasks: [running('a')] }).started;
const withTask = (task: ReturnType<typeof ready>) => ({ ...state, tasks: new Map([[task.stage, task]]) });

describe('failureOf', () => {
  test('tells of an error that is new, with the agent that failed', () => {
    const after = ready('a', 5, { agent: 'fallback', error: failure });
    expect(failureOf(state, withTask(after), after)).toEqual({
      ...{ tenant: state.tenant, run: state.id, pipeline: state.pipeline, stage: 'a', agent: 'noop', error: failure },
    });
  });

  test('tells nothing of an error of before, nor of a task without one', () => {
    const failed = ready('a', 5, { error: failure });
    const again = running('a', 9, { error: failure });
    expect(failureOf(withTask(failed), withTask(again), again)).toBeUndefined();
    expect(failureOf(state, state, running('a'))).toBeUndefined();
  });
});
