import { composeWorker } from '@mainstay/agents';
import { agentsEnv, loadConfig } from '@mainstay/config';
import { runProgram } from '@mainstay/lifecycle';
import { BenchEmit, BenchSleep, BenchStep } from './bench-agents.ts';
import { leftOut, quietMetrics, unhardenedWorker } from './left-out.ts';
import { tellMemory } from './tell-memory.ts';

/** Where the steps of the recovery are noted. */
export const STEP_LOG_VARIABLE = 'BENCH_STEP_LOG';

tellMemory();

/** A worker process with the benchmark's agents, put together by `apps/agents`. */
await runProgram({
  version: 'bench',
  usage: () => 'A worker of the benchmark.\n',
  compose: () => {
    const env = loadConfig(agentsEnv);
    const agents = [new BenchStep(), new BenchSleep(process.env[STEP_LOG_VARIABLE] ?? '/dev/null'), new BenchEmit()];
    const without = leftOut();
    const composed = composeWorker(env, agents, 'bench', {
      ...(without.has('hardening') ? { harden: unhardenedWorker } : {}),
      ...(without.has('metrics') ? { metrics: quietMetrics() } : {}),
    });
    return { ...composed, parentFd: env.MAINSTAY_PARENT_FD };
  },
});
