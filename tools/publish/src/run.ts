import { spawn } from 'node:child_process';

/** Runs a program to its end; rejects with all it wrote when it fails or takes longer than `timeoutMs`. Resolves with its output. */
export async function run(program: string, args: readonly string[], cwd: string, timeoutMs = 120_000): Promise<string> {
  const { NODE_OPTIONS: _unused, ...env } = process.env;
  const child = spawn(program, [...args], { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, all]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out.push(text);
    all.push(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => all.push(text));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  if (code === 0) return out.join('');
  throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}:\n${all.join('').slice(-8_000)}`);
}
