import { describeVariables, loadConfig, orchestratorEnv } from '@mainstay/config';
import { PROGRAM_USAGE, runProgram } from '@mainstay/lifecycle';
import { compose } from './compose.ts';
import { checkSafety } from './safety.ts';
import { version } from './version.ts';

await runProgram({
  version: version(),
  usage: () => `One orchestrator of Mainstay: the HTTP API and the engine.

Usage: orchestrator [--help] [--version]

Environment:
${describeVariables(orchestratorEnv)}

${PROGRAM_USAGE}`,
  compose: () => {
    const env = loadConfig(orchestratorEnv);
    const warnings = checkSafety(env.MAINSTAY_PROFILE);
    const composed = compose(env, version());
    for (const { setting, problem, fix } of warnings) composed.logger.warn({ setting, fix }, `unsafe setting: ${problem}`);
    return { ...composed, parentFd: env.MAINSTAY_PARENT_FD };
  },
});
