import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { isTest } from '../listing/file-roles.ts';
import type { SecretPlace, Secrets } from '../model.ts';
import { clip, plural } from '../tally.ts';
import { TopList } from '../top-list.ts';

const line = z.union([
  z.object({ file: z.number().int(), line: z.number().int().min(0), rule: z.string(), masked: z.string() }),
  z.object({ done: z.number().int() }),
  z.object({ unread: z.number().int(), why: z.string() }),
]);

/** Adds up the lines of the secrets runner; findings outside tests are kept before those in tests. */
export class SecretsSum {
  readonly #paths: readonly string[];
  readonly #progress: (fraction: number, note: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #rules = new Map<string, number>();
  readonly #kept = new TopList<SecretPlace>(200, ({ test }) => (test ? 0 : 1));
  #rest = '';
  #findings = 0;
  #inTests = 0;
  #unread = 0;
  #done = 0;

  /** `paths`: what the runner was given, in its order. */
  constructor(paths: readonly string[], progress: (fraction: number, note: string) => void) {
    this.#paths = paths;
    this.#progress = progress;
  }

  get done(): number {
    return this.#done;
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const text of lines) if (text !== '') this.#take(line.parse(JSON.parse(text)));
  }

  result(tooLarge: number): Secrets {
    return {
      measured: this.#done > 0,
      notes: [
        ...(this.#done === 0 ? ['There are no files to search for secrets.'] : []),
        ...(tooLarge > 0 ? [`${plural(tooLarge, 'file')} larger than 1 MiB ${tooLarge === 1 ? 'was' : 'were'} not searched.`] : []),
        ...(this.#unread > 0 ? [`${plural(this.#unread, 'file')} could not be read.`] : []),
        ...(this.#done > 0 ? ['Only the present files were searched, not the history.'] : []),
      ],
      filesChecked: this.#done - this.#unread,
      findings: this.#findings,
      inTests: this.#inTests,
      rules: [...this.#rules]
        .map(([rule, count]) => ({ rule, count }))
        .sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1))
        .slice(0, 50),
      places: this.#kept.items(),
    };
  }

  #take(said: z.infer<typeof line>): void {
    if ('done' in said) {
      this.#done = said.done;
      this.#progress(
        this.#done / this.#paths.length,
        `${String(this.#done)} of ${String(this.#paths.length)} files, ${plural(this.#findings, 'finding')}`,
      );
      return;
    }
    if ('unread' in said) {
      this.#unread += 1;
      return;
    }
    const path = this.#paths[said.file] ?? '';
    const rule = clip(said.rule, 200);
    const test = isTest(path);
    this.#findings += 1;
    if (test) this.#inTests += 1;
    this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + 1);
    this.#kept.add({ path, line: said.line, rule, masked: clip(said.masked, 60), test });
  }
}
