import { spawn } from 'node:child_process';

export interface Ended {
  /** Null when the program was ended because its time was over. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs Node (this one) with the arguments until it ends. */
export function runNode(args: readonly string[], { cwd, stdin = '', timeoutMs, env = {} }: RunOptions): Promise<Ended> {
  const { NODE_OPTIONS: _unused, ...own } = process.env;
  const child = spawn(process.execPath, [...args], { cwd, env: { ...own, ...env }, timeout: timeoutMs, killSignal: 'SIGKILL' });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  child.stdin.on('error', () => undefined).end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout: out.join(''), stderr: err.join('') });
    });
  });
}

/** Runs a block of TypeScript as a module that lies in the folder: imports resolve from there. */
export function runBlock(text: string, cwd: string): Promise<Ended> {
  return runNode(['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-'], { cwd, stdin: text, timeoutMs: 60_000 });
}
