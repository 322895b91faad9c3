import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '@mainstay/types';
import { bySize } from '../listing/choose-files.ts';
import { isGenerated, isTest } from '../listing/file-roles.ts';
import { isCode, languageOf } from '../listing/languages.ts';
import { listFiles } from '../listing/list-files.ts';
import { resolveTarget } from '../listing/target.ts';
import type { Duplicates, TargetInput } from '../model.ts';
import { plural } from '../tally.ts';
import { runTool } from '../tools/run-tool.ts';
import { jscpdProgram } from '../tools/tool-path.ts';
import { withWorkFolder } from '../tools/work-folder.ts';
import type { Work } from '../work.ts';
import { jscpdReport, readReport } from './jscpd-report.ts';

const MAX_FILE_BYTES = 512 * 1024;
/** Compared at most, so that memory stays bounded; the first ones by path. */
const MAX_TOTAL_BYTES = 192 * 1024 ** 2;
const MAX_REPORT_BYTES = 96 * 1024 ** 2;

export interface DuplicatesLimits {
  readonly timeoutMs: number;
  readonly maxRssBytes: number;
}
const LIMITS: DuplicatesLimits = { timeoutMs: 100_000, maxRssBytes: 1.5 * 1024 ** 3 };

function within<T extends { readonly bytes: number }>(files: readonly T[], maxBytes: number): T[] {
  let sum = 0;
  return files.filter(({ bytes }) => (sum += bytes) <= maxBytes);
}

/** Copied code of at least 8 lines and 60 tokens, found by jscpd in what people wrote; tests repeat themselves and do not count. */
export async function duplicates(input: TargetInput, { signal, progress }: Work, limits: DuplicatesLimits = LIMITS): Promise<Duplicates> {
  const target = await resolveTarget(input.path, signal);
  const { files } = await listFiles(target, { signal, progress: () => undefined });
  const code = files.filter(({ path }) => isCode(languageOf(path)) && !isGenerated(path) && !isTest(path));
  const { fit } = bySize(code, MAX_FILE_BYTES);
  const paths = within(fit, MAX_TOTAL_BYTES).map(({ path }) => path);
  const spared = code.length - paths.length;
  if (paths.length === 0) return readReport({ duplicates: [], statistics: { total: { lines: 0, sources: 0 } } }, target.root, [], spared);
  progress(0.1, `comparing ${plural(paths.length, 'file')}`);
  return withWorkFolder(async (folder) => {
    const config = join(folder, 'jscpd.json');
    const settings = {
      path: paths.map((path) => join(target.root, path)),
      minTokens: 60,
      minLines: 8,
      maxSize: '512kb',
      reporters: ['json'],
      output: folder,
      absolute: true,
    };
    await writeFile(config, JSON.stringify(settings));
    await runTool({
      name: 'jscpd',
      command: jscpdProgram(),
      args: ['--config', config, '--no-gitignore', '--no-colors', '--workers', '2'],
      cwd: folder,
      maxStdoutBytes: 16 * 1024 ** 2,
      signal,
      ...limits,
    });
    progress(0.8, 'reading the result');
    const report = join(folder, 'jscpd-report.json');
    if ((await stat(report)).size > MAX_REPORT_BYTES) {
      throw new AgentError('AGENT_OUTPUT_TOO_LARGE', 'There are so many duplicates that their list exceeds 96 MiB', {
        details: { path: input.path },
      });
    }
    const result = readReport(jscpdReport.parse(JSON.parse(await readFile(report, 'utf8'))), target.root, paths, spared);
    progress(1, `${plural(result.clones, 'clone')}, ${String(result.percentage)} % of the lines`);
    return result;
  });
}
