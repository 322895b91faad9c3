import { describe, expect, test } from '@jest/globals';
import { newRunId } from './run-ids.ts';

/** Ids 1, 2, 3, … */
function counter(): () => string {
  let last = 0;
  return () => String(++last);
}

describe('the id of a new run', () => {
  test('is the first of an own lane', () => {
    expect(newRunId({ newId: counter(), owns: (id) => Number(id) % 4 === 0, keeps: () => true })).toBe('4');
  });

  test('is the first one when this orchestrator is busy or takes no results', () => {
    expect(newRunId({ newId: counter(), owns: (id) => Number(id) % 4 === 0, keeps: () => false })).toBe('1');
  });

  test('is of another lane rather than searched for without end', () => {
    const owns = (): boolean => false;
    expect(newRunId({ newId: counter(), owns, keeps: () => true })).toBe('16');
  });
});
