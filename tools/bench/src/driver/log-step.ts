import { appendFileSync } from 'node:fs';

/** Notes a finished step of the recovery beside the engine; written before the step returns, so a repetition shows. */
export function logStep(file: string, run: string, step: number | string): void {
  appendFileSync(file, `${run} ${step}\n`);
}
