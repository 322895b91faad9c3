import { TimeoutError } from '@mainstay/types';
import { AbortScope, type Clock, raceAbort } from '@mainstay/utils';
import { type Component, DEFAULT_STOP_TIMEOUT_MS, type StepName } from './component.ts';

/**
 * Runs one step of a component. It is given up, with `OPERATION_TIMEOUT`, when it has not ended `stopTimeoutMs` after
 * its signal aborted (for `stop`: after its begin).
 */
export async function runStep(component: Component, step: StepName, signal: AbortSignal, clock: Clock): Promise<void> {
  const graceMs = component.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS;
  using scope = new AbortScope();
  using timer = new GraceTimer(clock, graceMs, () => {
    const message = `${step} of ${component.name} did not end within ${graceMs} ms`;
    scope.abort(new TimeoutError('OPERATION_TIMEOUT', message, { details: { component: component.name, step, timeoutMs: graceMs } }));
  });
  if (step === 'stop' || signal.aborted) timer.begin();
  else signal.addEventListener('abort', timer.begin, { once: true });
  try {
    await raceAbort(async () => {
      if (step === 'stop') await component.stop?.();
      else await component[step]?.(signal);
    }, scope.signal);
  } finally {
    signal.removeEventListener('abort', timer.begin);
  }
}

class GraceTimer implements Disposable {
  readonly begin: () => void;
  #timer: Disposable | undefined;

  constructor(clock: Clock, ms: number, onEnd: () => void) {
    this.begin = () => {
      this.#timer ??= clock.setTimeout(onEnd, ms);
    };
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}
