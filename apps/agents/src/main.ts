import { join, resolve } from 'node:path';
import { agentsEnv, loadConfig } from '@mainstay/config';
import { runProgram } from '@mainstay/lifecycle';
import { selectAgents } from './agent-catalogue.ts';
import { composeWorker } from './compose.ts';
import { usage } from './usage.ts';
import { version } from './version.ts';

await runProgram({
  version: version(),
  usage,
  compose: () => {
    const env = loadConfig(agentsEnv);
    const agents = selectAgents(env.MAINSTAY_WORKER_KINDS, { reportsDir: join(resolve(env.MAINSTAY_DATA_DIR), 'reports') });
    return { ...composeWorker(env, agents, version()), parentFd: env.MAINSTAY_PARENT_FD };
  },
});
