import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import { ROOT } from './repository.ts';

/** A text to lint as if it were the content of the file. */
export interface Sample {
  /** Relative to the top of the repository; it must exist, so that a tsconfig has it. */
  readonly file: string;
  readonly text: string;
}

export const LAYER_RULE = '@nx/enforce-module-boundaries';

/** What the layer rule of the repository's own lint configuration says to each sample. */
export async function lintLayers(samples: readonly Sample[]): Promise<string[][]> {
  const eslint = new ESLint({ cwd: ROOT, ruleFilter: ({ ruleId }) => ruleId === LAYER_RULE });
  const said: string[][] = [];
  for (const sample of samples) {
    const results = await eslint.lintText(sample.text, { filePath: `${ROOT}/${sample.file}` });
    said.push(results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId ?? 'error'}: ${message}`)));
  }
  return said;
}

// As a program: samples as JSON on stdin, the answers as JSON on stdout.
if (process.argv[1] === import.meta.filename) {
  const samples = JSON.parse(await text(process.stdin)) as Sample[];
  process.stdout.write(JSON.stringify(await lintLayers(samples)));
}
