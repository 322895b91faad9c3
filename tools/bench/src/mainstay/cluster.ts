import type { ChildProgram } from '../child-program.ts';
import { createInstallation, type InstallationOptions, type OrchestratorProcess } from './installation.ts';

/** Tasks that the worker does at once: the peers do without a limit, or with the same. */
export const CAPACITY = 200;

/** One orchestrator and one worker. */
export interface Cluster extends OrchestratorProcess {
  readonly adminKey: string;
  readonly worker: ChildProgram;
  /** From now on a worker that dies is replaced at once, as a supervisor does. */
  keepWorker(): void;
  close(): Promise<void>;
}

export async function startCluster(options: InstallationOptions): Promise<Cluster> {
  const installation = createInstallation(options);
  try {
    const orchestrator = await installation.startOrchestrator();
    let worker = await installation.startWorker(CAPACITY);
    let closing = false;
    return {
      ...orchestrator,
      adminKey: installation.adminKey,
      get worker() {
        return worker;
      },
      keepWorker() {
        worker.ended
          .then(async () => {
            if (!closing) worker = await installation.startWorker(CAPACITY);
          })
          .catch((error: unknown) => {
            if (!closing) throw error;
          });
      },
      close() {
        closing = true;
        return installation.close();
      },
    };
  } catch (error) {
    await installation.close();
    throw error;
  }
}
