import { AgentError } from '@mainstay/types';

interface Named {
  readonly name: string;
  readonly timeoutMs: number;
  readonly maxRssBytes: number;
  readonly maxStdoutBytes: number;
}

const mebibytes = (bytes: number): string => `${String(Math.round(bytes / 1024 / 1024))} MiB`;

/** The tool itself went wrong; another attempt may succeed. */
export function toolFailed(tool: Named, how: string, stderr: string): AgentError {
  return new AgentError('AGENT_FAILED', `${tool.name} failed (${how})`, { details: { tool: tool.name, stderr: stderr.slice(-1000) } });
}

export function toolTimedOut(tool: Named): AgentError {
  return new AgentError('AGENT_FAILED', `${tool.name} did not finish within ${String(tool.timeoutMs)} ms and was ended`, {
    details: { tool: tool.name, timeoutMs: tool.timeoutMs },
  });
}

export function toolOutOfMemory(tool: Named, rssBytes: number): AgentError {
  return new AgentError(
    'WORKER_OUT_OF_MEMORY',
    `${tool.name} used ${mebibytes(rssBytes)} of memory, more than its limit of ${mebibytes(tool.maxRssBytes)}, and was ended`,
    { details: { tool: tool.name, rssBytes, maxRssBytes: tool.maxRssBytes } },
  );
}

/** Terminal: the same call would write as much again. */
export function outputTooLarge(tool: Named): AgentError {
  return new AgentError('AGENT_OUTPUT_TOO_LARGE', `${tool.name} wrote more than ${mebibytes(tool.maxStdoutBytes)} and was ended`, {
    details: { tool: tool.name, maxStdoutBytes: tool.maxStdoutBytes },
  });
}

/** Terminal: what is not installed now is not installed in a second. */
export function toolUnstartable(tool: Named, code: string, cause?: unknown): AgentError {
  return new AgentError('AGENT_FAILED', `${tool.name} could not be started (${code}); is it installed?`, {
    details: { tool: tool.name, code },
    disposition: 'terminal',
    cause,
  });
}
