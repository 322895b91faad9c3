import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '@mainstay/types';
import { bySize } from '../listing/choose-files.ts';
import { listFiles } from '../listing/list-files.ts';
import { resolveTarget } from '../listing/target.ts';
import type { Secrets, TargetInput } from '../model.ts';
import { runTool } from '../tools/run-tool.ts';
import { scriptBeside } from '../tools/tool-script.ts';
import { withWorkFolder } from '../tools/work-folder.ts';
import type { Work } from '../work.ts';
import { SecretsSum } from './secrets-sum.ts';

const MAX_FILE_BYTES = 1024 * 1024;

export interface SecretsLimits {
  readonly timeoutMs: number;
  readonly maxRssBytes: number;
}
const LIMITS: SecretsLimits = { timeoutMs: 150_000, maxRssBytes: 768 * 1024 ** 2 };

/** Leaked secrets in all text files up to 1 MiB, found by secretlint in a process of its own. Only masked excerpts come back. */
export async function secrets(input: TargetInput, { signal, progress }: Work, limits: SecretsLimits = LIMITS): Promise<Secrets> {
  const target = await resolveTarget(input.path, signal);
  const { files } = await listFiles(target, { signal, progress: () => undefined });
  const { fit, tooLarge } = bySize(files, MAX_FILE_BYTES);
  const paths = fit.filter(({ bytes }) => bytes > 0).map(({ path }) => path);
  const sum = new SecretsSum(paths, progress);
  if (paths.length > 0) {
    await withWorkFolder(async (folder) => {
      const list = join(folder, 'files');
      await writeFile(list, paths.map((path) => join(target.root, path)).join('\0'));
      const { exitCode, partial, stderr } = await runTool({
        name: 'secretlint',
        command: process.execPath,
        args: ['--max-old-space-size=384', scriptBeside(import.meta.url, 'secrets-runner'), list],
        cwd: folder,
        anyExitCode: true,
        maxStdoutBytes: 0,
        signal,
        onStdout: (chunk) => {
          sum.push(chunk);
          return true;
        },
        ...limits,
      });
      if (exitCode !== 0 || partial || sum.done < paths.length) {
        const how = partial ? `time ran out after ${String(limits.timeoutMs)} ms` : `exit code ${String(exitCode)}`;
        const seen = `${String(sum.done)} of ${String(paths.length)} files`;
        throw new AgentError('AGENT_FAILED', `The search for secrets ended after ${seen}: ${how}`, {
          details: { stderr: stderr.slice(-1000) },
        });
      }
    });
  }
  return sum.result(tooLarge.length);
}
