import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '@mainstay/utils';

/** A shell block of the walk-through and the answer that follows it. */
export interface Step {
  readonly heading: string;
  readonly script: string;
  /** Recorded answer; absent: none was recorded. */
  readonly answer?: string;
}

const BLOCK = /^```(sh|text)\n([\s\S]*?)^```$/gm;

export function readSteps(markdown: string): readonly Step[] {
  const steps: Step[] = [];
  let heading = '';
  let from = 0;
  for (const match of markdown.matchAll(BLOCK)) {
    heading = [...markdown.slice(from, match.index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? heading;
    from = match.index + match[0].length;
    const [, language, content = ''] = match;
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ heading, script: content });
    else if (last !== undefined) steps[steps.length - 1] = { ...last, answer: content };
  }
  return steps;
}

/** The same text with fresh answers behind the shell blocks. */
export function withAnswers(markdown: string, answers: readonly string[]): string {
  let at = 0;
  return markdown.replaceAll(/\n\n```text\n[\s\S]*?^```$/gm, '').replaceAll(/^```sh\n[\s\S]*?^```$/gm, (block) => {
    const answer = answers[at++] ?? '';
    return answer === '' ? block : `${block}\n\n\`\`\`text\n${answer}\n\`\`\``;
  });
}

/** One bash for all steps, so that a step can use what an earlier one has set. */
export class Shell implements AsyncDisposable {
  readonly #bash;
  readonly #exit: Promise<unknown>;
  #out = '';
  #errors = '';
  #news: () => void = () => undefined;

  constructor(environment: Readonly<Record<string, string>>) {
    this.#bash = spawn('bash', [], { env: { PATH: process.env['PATH'], ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#exit = once(this.#bash, 'exit').then(() => {
      this.#news();
    });
    this.#bash.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#out += chunk;
      this.#news();
    });
    this.#bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.#errors += chunk));
  }

  /** What the script writes. Rejects when it takes longer than `timeoutMs`, ends the shell, or writes to its error output. */
  async run(script: string, mark: string, timeoutMs = 20_000): Promise<string> {
    this.#out = '';
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    using _timer = systemClock.setTimeout(() => {
      reject(new Error(`no end of:\n${script}\nafter:\n${this.#out}${this.#errors}`));
    }, timeoutMs);
    this.#news = () => {
      if (this.#out.endsWith(`${mark}\n`)) resolve(undefined);
      else if (this.#bash.exitCode !== null) reject(new Error(`bash ended at:\n${script}\n${this.#errors}`));
    };
    this.#bash.stdin.write(`${script}\nprintf '%s\\n' '${mark}'\n`);
    await promise;
    if (this.#errors !== '') throw new Error(`errors of:\n${script}\n${this.#errors}`);
    return this.#out.slice(0, -mark.length - 1).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#bash.exitCode === null) this.#bash.kill('SIGKILL');
    await this.#exit;
  }
}

/** Members whose value, and not only its type, must be as recorded. */
const EXACT: ReadonlySet<string> = new Set([
  'status',
  'code',
  'name',
  'kind',
  'stage',
  'agent',
  'pipeline',
  'answer',
  'level',
  'path',
  'question',
  'allow',
  'input',
  'output',
]);
/** Objects whose members depend on the machine and the moment. */
const OPEN: ReadonlySet<string> = new Set(['handles', 'queues']);

/** What two answers must have in common: statuses and texts as they are, JSON with types in place of values that do not matter. */
export function shapesOf(answer: string): readonly unknown[] {
  return segmentsOf(answer).map(({ json, text }) => (json === undefined ? text : shape(json)));
}

/** The answer as it is recorded: broken into lines where it is long, and without keys. */
export function printed(answer: string): string {
  return segmentsOf(answer)
    .map(({ json, text }) => (json === undefined ? text : layOut(json, 0)))
    .join('\n')
    .replaceAll(/mst_[\w-]{10,}/g, 'mst_…');
}

interface Segment {
  readonly text: string;
  readonly json?: unknown;
}

/** Bodies and the status lines behind them. */
function segmentsOf(answer: string): readonly Segment[] {
  const parts = answer.split(/^(\d{3})$/m).map((part) => part.trim());
  return parts.filter((part) => part !== '').map((text) => (/^[[{]/.test(text) ? { text, json: JSON.parse(text) as unknown } : { text }));
}

const WIDTH = 110;

function layOut(value: unknown, indent: number): string {
  const line = JSON.stringify(value);
  if (line.length + indent <= WIDTH || typeof value !== 'object' || value === null) return line;
  const inner = ' '.repeat(indent + 2);
  const members = Array.isArray(value)
    ? value.map((item) => `${inner}${layOut(item, indent + 2)}`)
    : Object.entries(value).map(([key, member]) => `${inner}${JSON.stringify(key)}: ${layOut(member, indent + 2)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${String(open)}\n${members.join(',\n')}\n${' '.repeat(indent)}${String(close)}`;
}

function shape(value: unknown, key = ''): unknown {
  if (OPEN.has(key)) return 'object';
  if (Array.isArray(value)) return value.map((item) => shape(item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shape(member, name)]));
  return EXACT.has(key) ? value : typeof value;
}
