import { runTool, type ToolResult } from '../tools/run-tool.ts';

/**
 * Settings that keep a foreign repository's own configuration from running anything: no hooks, no file-system monitor,
 * no signature programs, no fetching of missing objects, no prompts.
 */
const SAFE_SETTINGS = [
  'safe.directory=*',
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.untrackedCache=false',
  'core.quotePath=false',
  'log.showSignature=false',
  'diff.external=',
  'protocol.allow=never',
];

const SAFE_ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_PAGER: 'cat',
};

export interface GitCall {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxStdoutBytes?: number;
  /** Takes the output piece by piece; nothing is collected then. Return false to end git early. */
  readonly onStdout?: (chunk: Buffer) => boolean;
}

/** Runs git so that the reviewed repository cannot make it execute anything. Non-zero exit codes are results, not errors. */
export function git({ cwd, args, signal, timeoutMs = 30_000, maxStdoutBytes = 1024 * 1024, onStdout }: GitCall): Promise<ToolResult> {
  return runTool({
    name: 'git',
    command: 'git',
    args: ['--no-pager', ...SAFE_SETTINGS.flatMap((setting) => ['-c', setting]), ...args],
    cwd,
    env: SAFE_ENVIRONMENT,
    timeoutMs,
    maxStdoutBytes,
    maxRssBytes: 1024 * 1024 * 1024,
    anyExitCode: true,
    signal,
    ...(onStdout === undefined ? {} : { onStdout }),
  });
}
