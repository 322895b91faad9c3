/**
 * Looks for secrets in the files listed (separated by NUL) in the file named by the first argument. Writes one line of
 * JSON for each finding, `{"file","line","rule","masked"}`, and `{"done"}` now and then. `file` and `done` count from the
 * start of the list. The secrets themselves never leave this process.
 */
import { open, readFile } from 'node:fs/promises';
import { createEngine } from '@secretlint/node';
import { z } from 'zod';
import { maskSecret } from './mask.ts';

const results = z.array(
  z.object({
    messages: z.array(
      z.object({
        range: z.tuple([z.number(), z.number()]),
        ruleId: z.string(),
        messageId: z.string().optional(),
        loc: z.object({ start: z.object({ line: z.number() }) }),
      }),
    ),
  }),
);

const PROBE_BYTES = 8 * 1024;
const MAX_PER_FILE = 100;
const PRESET = '@secretlint/secretlint-rule-preset-recommend';

function say(value: Readonly<Record<string, string | number>>): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function textOf(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const data = await file.readFile();
    return data.subarray(0, PROBE_BYTES).includes(0) ? undefined : data.toString('utf8');
  } finally {
    await file.close();
  }
}

const [listPath = ''] = process.argv.slice(2);
const files = (await readFile(listPath, 'utf8')).split('\0').filter((path) => path !== '');
const engine = await createEngine({
  formatter: 'json',
  color: false,
  maskSecrets: true,
  configFileJSON: {
    rules: [{ id: PRESET, rules: [{ id: '@secretlint/secretlint-rule-aws', options: { enableIDScanRule: true } }] }],
  },
});

for (const [index, path] of files.entries()) {
  try {
    const content = await textOf(path);
    if (content !== undefined) {
      const { ok, output } = await engine.executeOnContent({ content, filePath: path });
      if (!ok) {
        for (const { range, ruleId, messageId, loc } of results
          .parse(JSON.parse(output))
          .flatMap(({ messages }) => messages)
          .slice(0, MAX_PER_FILE)) {
          const rule = `${ruleId.replace(/^@secretlint\/secretlint-rule-/, '')}${messageId === undefined ? '' : `/${messageId}`}`;
          say({ file: index, line: loc.start.line, rule, masked: maskSecret(content.slice(range[0], range[1])) });
        }
      }
    }
  } catch (error) {
    // The message may quote the content: only the kind of failure is told.
    say({ unread: index, why: error instanceof Error ? error.name : 'Error' });
  }
  if (index % 50 === 49 || index === files.length - 1) say({ done: index + 1 });
}
