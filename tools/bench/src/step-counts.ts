/** What a log of finished steps tells: a line `run step` for every time that a step was done. */
export interface StepCounts {
  readonly executions: number;
  readonly distinct: number;
  /** Executions of steps that had been done before. */
  readonly repeated: number;
}

export function countSteps(log: string): StepCounts {
  const lines = log.split('\n').filter((line) => line !== '');
  const distinct = new Set(lines).size;
  return { executions: lines.length, distinct, repeated: lines.length - distinct };
}
