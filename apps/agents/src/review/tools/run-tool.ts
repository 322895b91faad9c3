import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { traceEnvironment } from '@mainstay/observability';
import { toolEnvironment } from './tool-environment.ts';
import { scriptBeside } from './tool-script.ts';
import { outputTooLarge, toolFailed, toolOutOfMemory, toolTimedOut, toolUnstartable } from './tool-errors.ts';
import { parseVerdict } from './tool-verdict.ts';

export interface ToolCall {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to a small base environment: the worker's own variables, which may hold secrets, are not handed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Resident memory at which the tool is ended, sampled five times a second. */
  readonly maxRssBytes: number;
  /** More standard output than this ends the tool, unless `onStdout` takes it. */
  readonly maxStdoutBytes: number;
  /** Exit codes that mean success. Default [0]. */
  readonly okExitCodes?: readonly number[];
  /** Exit codes are the caller's business. */
  readonly anyExitCode?: boolean;
  readonly signal: AbortSignal;
  /** Takes the output piece by piece; nothing is collected then. Return false to end the tool: that counts as success. */
  readonly onStdout?: (chunk: Buffer) => boolean;
}

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** The last 4 KiB. */
  readonly stderr: string;
  /** The caller had enough, or time ran out while the caller was taking pieces: the output is a part. */
  readonly partial: boolean;
}

const STDERR_BYTES = 4096;
type Ended = 'aborted' | 'timeout' | 'too-large' | 'enough';
type Guarded = ChildProcessByStdio<Writable, Readable, Readable>;

/** Ends the guard's whole process group. It has no state worth saving, so there is no gentler signal before. */
function endGroup(child: Guarded): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function collectTail(stream: Readable): () => string {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_BYTES);
  });
  return () => tail.toString('utf8');
}

/**
 * Runs one tool under a guard process: time, memory and output are bounded, and the tool dies with the worker.
 * Rejects with the signal's reason on abort, else with AgentError.
 */
export async function runTool(call: ToolCall): Promise<ToolResult> {
  call.signal.throwIfAborted();
  const child = spawn(
    process.execPath,
    [
      '--max-old-space-size=64',
      scriptBeside(import.meta.url, 'tool-guard'),
      String(call.maxRssBytes),
      call.cwd,
      call.command,
      ...call.args,
    ],
    { env: toolEnvironment({ ...traceEnvironment(), ...call.env }), stdio: ['pipe', 'pipe', 'pipe', 'pipe'], detached: true },
  ) as Guarded;
  const verdictStream = child.stdio[3] as Readable;
  let ended: Ended | undefined;
  const end = (why: Ended): void => {
    ended ??= why;
    endGroup(child);
  };
  const onAbort = (): void => {
    end('aborted');
  };
  call.signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(end, call.timeoutMs, 'timeout');
  const stderr = collectTail(child.stderr);
  const verdict = collectTail(verdictStream);
  const pieces: Buffer[] = [];
  let bytes = 0;
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    if (ended !== undefined) return;
    bytes += chunk.length;
    if (call.onStdout !== undefined) {
      if (!call.onStdout(chunk)) end('enough');
    } else if (bytes > call.maxStdoutBytes) {
      end('too-large');
    } else {
      pieces.push(chunk);
    }
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => {
        resolve();
      });
    });
  } catch (cause) {
    throw toolUnstartable(call, 'UNKNOWN', cause);
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', onAbort);
    endGroup(child);
  }
  if (ended === 'aborted') call.signal.throwIfAborted();
  if (ended === 'too-large') throw outputTooLarge(call);
  if (ended === 'timeout' && call.onStdout === undefined) throw toolTimedOut(call);
  if (ended !== undefined) return { exitCode: 0, stdout: '', stderr: stderr(), partial: true };
  const outcome = parseVerdict(verdict());
  if (outcome.type === 'unstartable') throw toolUnstartable(call, outcome.code);
  if (outcome.type === 'memory') throw toolOutOfMemory(call, outcome.rssBytes);
  if (outcome.type === 'died') throw toolFailed(call, `ended by ${outcome.signal}`, stderr());
  if (call.anyExitCode !== true && !(call.okExitCodes ?? [0]).includes(outcome.code)) {
    throw toolFailed(call, `exit code ${String(outcome.code)}`, stderr());
  }
  return { exitCode: outcome.code, stdout: Buffer.concat(pieces).toString('utf8'), stderr: stderr(), partial: false };
}
