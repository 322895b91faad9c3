import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { AgentError } from '@mainstay/types';
import type { ReportInput, ReportOutput } from '../model.ts';
import { htmlReport } from './html-report.ts';
import { markdownReport } from './markdown-report.ts';

export interface ReportOptions {
  /** Where reports go when the input names no folder. */
  readonly reportsDir: string;
  /** Names the files: the same run writes the same files again, whichever attempt it is. */
  readonly run: string;
  readonly signal: AbortSignal;
  readonly now?: () => number;
}

/** `review-<run>`, with everything but letters, digits, `-` and `_` replaced; a name that had to change gets a digest. */
export function reportName(run: string): string {
  const clean = run.replace(/[^\w-]/g, '_').slice(0, 80);
  return clean === run && run !== '' ? `review-${run}` : `review-${clean}-${createHash('sha256').update(run).digest('hex').slice(0, 12)}`;
}

/** Readers see the old file or the new one, never a part. */
async function writeAtomically(path: string, text: string, signal: AbortSignal): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, text, { mode: 0o640, signal });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Writes the report in HTML and Markdown. Writing it twice gives the same two files. */
export async function writeReport(input: ReportInput, { reportsDir, run, signal, now = Date.now }: ReportOptions): Promise<ReportOutput> {
  signal.throwIfAborted();
  if (input.outDir !== '' && !isAbsolute(input.outDir)) {
    throw new AgentError('AGENT_REJECTED', `outDir ${JSON.stringify(input.outDir)} is relative; give an absolute folder or leave it out.`);
  }
  const folder = resolve(input.outDir === '' ? reportsDir : input.outDir);
  const at = new Date(now()).toISOString();
  const path = (extension: string): string => join(folder, `${reportName(run)}.${extension}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await writeAtomically(path('md'), markdownReport(input, run, at), signal);
    await writeAtomically(path('html'), htmlReport(input, run, at), signal);
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('AGENT_FAILED', `The report could not be written to ${folder}: ${why}`, { details: { folder }, cause });
  }
  const { score, grade, summary } = input.score;
  return { html: path('html'), markdown: path('md'), score, grade, summary };
}
