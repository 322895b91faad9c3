import { loadConfig, orchestratorEnv } from '@mainstay/config';
import { runProgram } from '@mainstay/lifecycle';
import { compose } from '@mainstay/orchestrator/compose';
import { leftOut, quietMetrics, unhardenedOrchestrator } from './left-out.ts';
import { tellMemory } from './tell-memory.ts';

tellMemory();

/** An orchestrator put together by `apps/orchestrator`, but for what the benchmark leaves out to see what it costs. */
await runProgram({
  version: 'bench',
  usage: () => 'An orchestrator of the benchmark.\n',
  compose: () => {
    const env = loadConfig(orchestratorEnv);
    const without = leftOut();
    const composed = compose(env, 'bench', {
      ...(without.has('hardening') ? { harden: unhardenedOrchestrator } : {}),
      ...(without.has('metrics') ? { metrics: quietMetrics() } : {}),
    });
    return { ...composed, parentFd: env.MAINSTAY_PARENT_FD };
  },
});
