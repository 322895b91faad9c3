import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ChaosOptions, readOptions } from './options.ts';
import { reportHtml } from './report/html.ts';
import { reportText } from './report/text.ts';
import { rollingText } from './rolling/rolling-text.ts';
import { runRolling } from './rolling/run-rolling.ts';
import { runChaos } from './run-chaos.ts';

const EXIT = { ok: 0, failed: 1, usage: 2, unusable: 3 } as const;

/** The drill as a program of its own: the options come as one JSON text, from the command line of Mainstay. */
async function main(options: ChaosOptions): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // the second one ends it at once; processes that we started end with us
      if (stop.signal.aborted) process.exit(130);
      stop.abort();
    });
  }
  const onProgress = (line: string): void => {
    if (!options.quiet) process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  };
  onProgress(`seed ${String(options.seed)}`);
  const scene = { options, onProgress, signal: stop.signal };
  if (options.rolling) {
    const report = await runRolling(scene);
    write(options, asJson(report), undefined, rollingText(report));
    return report.ok ? EXIT.ok : EXIT.failed;
  }
  const report = await runChaos(scene);
  write(options, asJson(report), reportHtml(report), reportText(report));
  return report.ok ? EXIT.ok : EXIT.failed;
}

const asJson = (report: object): string => `${JSON.stringify(report, undefined, 1)}\n`;

function write({ json, report: file }: ChaosOptions, jsonText: string, html: string | undefined, text: string): void {
  if (file !== undefined) {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    if (html !== undefined) writeFileSync(file, html);
    writeFileSync(`${file}.json`, jsonText);
  }
  process.stdout.write(json ? jsonText : text);
  if (file !== undefined && !json) process.stdout.write(`Written: ${html === undefined ? '' : `${file}, `}${file}.json\n`);
}

const options = readOptions(JSON.parse(process.argv[2] ?? '{}'), Math.random);
if ('problem' in options) {
  process.stderr.write(`error: ${options.problem}\n`);
  process.exit(EXIT.usage);
}
try {
  process.exit(await main(options));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(EXIT.unusable);
}
