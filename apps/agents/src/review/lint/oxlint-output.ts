import { relative, resolve, sep } from 'node:path';
import { AgentError } from '@mainstay/types';
import { z } from 'zod';
import type { LintFinding } from '../model.ts';
import { clip } from '../tally.ts';

const diagnostic = z.object({
  message: z.string(),
  code: z.string().optional(),
  severity: z.string(),
  filename: z.string().default(''),
  labels: z.array(z.object({ span: z.object({ line: z.number().optional(), column: z.number().optional() }).optional() })).default([]),
});
const output = z.object({ diagnostics: z.array(diagnostic) });

/** `eslint(no-debugger)` → `no-debugger`, `unicorn(no-new)` → `unicorn/no-new`; without a code the file did not parse. */
export function ruleName(code: string | undefined): string {
  const [, plugin = '', rule = ''] = /^([\w@/-]+)\((.+)\)$/.exec(code ?? '') ?? [];
  if (rule !== '') return plugin === 'eslint' ? rule : `${plugin.replace(/^eslint-plugin-/, '')}/${rule}`;
  return code === undefined || code === '' ? 'syntax' : code;
}

/** Reads oxlint's JSON. Paths become relative to `root`; `cwd` is where oxlint ran. */
export function parseOxlint(stdout: string, root: string, cwd: string): LintFinding[] {
  const start = stdout.indexOf('{');
  let parsed;
  try {
    parsed = output.safeParse(JSON.parse(start < 0 ? stdout : stdout.slice(start)));
  } catch (cause) {
    throw new AgentError('AGENT_FAILED', 'oxlint wrote something that is not JSON', { details: { begins: stdout.slice(0, 200) }, cause });
  }
  if (!parsed.success) {
    throw new AgentError('AGENT_FAILED', `oxlint wrote JSON of another shape: ${parsed.error.issues[0]?.message ?? ''}`);
  }
  return parsed.data.diagnostics.map(({ message, code, severity, filename, labels }) => ({
    path: relative(root, resolve(cwd, filename)).split(sep).join('/'),
    line: labels[0]?.span?.line ?? 1,
    column: labels[0]?.span?.column ?? 1,
    rule: clip(ruleName(code), 200),
    severity: severity === 'error' ? 'error' : 'warning',
    message: clip(message, 300),
  }));
}
