import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '@mainstay/types';
import { batches, bySize } from '../listing/choose-files.ts';
import { isGenerated } from '../listing/file-roles.ts';
import { extensionOf } from '../listing/languages.ts';
import { listFiles } from '../listing/list-files.ts';
import { resolveTarget } from '../listing/target.ts';
import type { Lint, LintFinding, TargetInput } from '../model.ts';
import { plural } from '../tally.ts';
import { runTool } from '../tools/run-tool.ts';
import { oxlintScript } from '../tools/tool-path.ts';
import { withWorkFolder } from '../tools/work-folder.ts';
import type { Work } from '../work.ts';
import { LintSum } from './lint-sum.ts';
import { LINTED_EXTENSIONS, OXLINT_CONFIG } from './oxlint-config.ts';
import { parseOxlint } from './oxlint-output.ts';

const MAX_FILE_BYTES = 1024 * 1024;
const BATCH_FILES = 400;
const BATCH_CHARACTERS = 96 * 1024;

export interface LintLimits {
  readonly timeoutMs: number;
  readonly maxRssBytes: number;
  /** Per batch; a batch that says more is halved. */
  readonly maxStdoutBytes: number;
}
const LIMITS: LintLimits = { timeoutMs: 90_000, maxRssBytes: 1024 ** 3, maxStdoutBytes: 24 * 1024 ** 2 };

interface OxlintCall {
  readonly files: readonly string[];
  readonly root: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly limits: LintLimits;
}

async function oxlint({ files, root, folder, signal, limits }: OxlintCall): Promise<LintFinding[]> {
  const { stdout } = await runTool({
    name: 'oxlint',
    command: process.execPath,
    args: [
      '--max-old-space-size=256',
      oxlintScript(),
      '--config',
      join(folder, 'oxlint.json'),
      '--disable-nested-config',
      '--no-ignore',
      '--no-error-on-unmatched-pattern',
      '--threads=2',
      '--format=json',
      ...files.map((path) => join(root, path)),
    ],
    cwd: folder,
    okExitCodes: [0, 1],
    signal,
    ...limits,
  });
  return stdout.trim() === '' ? [] : parseOxlint(stdout, root, folder);
}

/** Halves a batch that says too much; a single file that does is left out and counted. */
async function lintBatch(call: OxlintCall, sum: LintSum): Promise<void> {
  try {
    sum.add(await oxlint(call), call.files.length);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'AGENT_OUTPUT_TOO_LARGE') throw error;
    if (call.files.length <= 1) {
      sum.leaveOut();
      return;
    }
    const half = Math.ceil(call.files.length / 2);
    await lintBatch({ ...call, files: call.files.slice(0, half) }, sum);
    await lintBatch({ ...call, files: call.files.slice(half) }, sum);
  }
}

/** Findings of oxlint with our own configuration in JavaScript and TypeScript that people wrote. */
export async function lint(input: TargetInput, { signal, progress }: Work, limits: LintLimits = LIMITS): Promise<Lint> {
  const target = await resolveTarget(input.path, signal);
  const { files } = await listFiles(target, { signal, progress: () => undefined });
  const { fit, tooLarge } = bySize(
    files.filter(({ path }) => LINTED_EXTENSIONS.has(extensionOf(path)) && !isGenerated(path)),
    MAX_FILE_BYTES,
  );
  const sum = new LintSum();
  await withWorkFolder(async (folder) => {
    await writeFile(join(folder, 'oxlint.json'), JSON.stringify(OXLINT_CONFIG));
    const paths = fit.map(({ path }) => path);
    for (const batch of batches(paths, BATCH_FILES, BATCH_CHARACTERS)) {
      await lintBatch({ files: batch, root: target.root, folder, signal, limits }, sum);
      progress(
        sum.filesChecked / paths.length,
        `${String(sum.filesChecked)} of ${String(paths.length)} files, ${plural(sum.total, 'finding')}`,
      );
    }
  });
  return sum.result(tooLarge.length);
}
