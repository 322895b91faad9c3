import { EXIT_USAGE, progress, writeResult } from './command.ts';
import { describeEnvironment } from './environment.ts';
import { growth } from './scale/growth/growth.ts';
import { idle } from './scale/idle/idle.ts';
import { measureParts } from './scale/measure-parts.ts';
import { overload } from './scale/overload/overload.ts';
import type { Part, PartName } from './scale/part.ts';
import { payloads } from './scale/payloads/payloads.ts';
import { parseScaleOptions, type ScaleOptions } from './scale/scale-options.ts';
import { type ScaleResults, scaleText } from './scale/scale-text.ts';
import { scaleOut } from './scale/scale-out/scale-out.ts';
import { startBenchServers } from './servers/bench-servers.ts';

type MakePart = (quick: boolean) => Part;
const PARTS: Readonly<Record<PartName, MakePart>> = { growth, overload, idle, 'scale-out': scaleOut, payloads };

async function main({ parts, quick, json }: ScaleOptions): Promise<number> {
  const servers = await startBenchServers(progress);
  try {
    const environment = describeEnvironment(servers.versions);
    const results: ScaleResults = {
      environment,
      quick,
      parts: await measureParts(
        parts.map((name) => PARTS[name](quick)),
        { servers, quick, onProgress: progress },
      ),
    };
    writeResult(json, `${JSON.stringify(results, undefined, 1)}\n`);
    process.stdout.write(`${scaleText(results)}Written: ${json}\n`);
    return results.parts.some((part) => 'error' in part) ? 1 : 0;
  } finally {
    await servers.close();
  }
}

const parsed = parseScaleOptions(process.argv.slice(2));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if ('help' in parsed) process.stdout.write(parsed.help);
else if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n`);
  process.exitCode = EXIT_USAGE;
} else process.exit(await main(parsed.options));
