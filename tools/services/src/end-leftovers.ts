import { endProcess, isRunning, type ProcessRef } from './process-ref.ts';
import { readState, type ServiceName, writeState } from './service-state.ts';

/** In order first: Postgres takes SIGINT as "now, but properly", SIGQUIT as "now"; Redis ends on SIGTERM. */
const SIGNALS: Readonly<Record<ServiceName, readonly NodeJS.Signals[]>> = {
  postgres: ['SIGINT', 'SIGQUIT', 'SIGKILL'],
  redis: ['SIGTERM', 'SIGKILL'],
};

/** Ends servers whose supervisor was killed, so that no two work on the same data. Call only while holding the lock. */
export async function endLeftovers(stateFile: string, log: (line: string) => void): Promise<void> {
  const { processes } = readState(stateFile);
  const left = Object.entries(processes) as [ServiceName, ProcessRef | undefined][];
  await Promise.all(
    left.map(async ([name, ref]) => {
      if (ref === undefined || !isRunning(ref)) return;
      log(`ending the ${name} (pid ${String(ref.pid)}) that an earlier supervisor left`);
      if (!(await endProcess(ref, SIGNALS[name]))) log(`${name} (pid ${String(ref.pid)}) does not end`);
    }),
  );
  writeState(stateFile, { ...readState(stateFile), processes: {} });
}
