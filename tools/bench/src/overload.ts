import { parseArgs } from 'node:util';
import { EXIT_USAGE, progress, writeResult } from './command.ts';
import { describeEnvironment } from './environment.ts';
import { RESULTS } from './options.ts';
import { measureOverload, type OverloadPlan } from './overload/measure-overload.ts';
import { overloadDemands, overloadText } from './overload/overload-report.ts';
import { withSite } from './scale/site.ts';
import { startBenchServers } from './servers/bench-servers.ts';

const HELP = `Measures the load that one orchestrator and one worker sustain, and then what becomes of ten times as much.

  npx nx run bench:overload [options]

  --seconds N   of overload (default 60)
  --factor N    times the sustainable load (default 10)
  --batch N     runs in one request (default 20; the client of Mainstay sends up to 500)
  --quick       short: shows that everything works, not how fast it is
  --json FILE   everything that was measured (default ${RESULTS}/overload.json)
  --help        this text; behind -- when called through nx
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    factor: { type: 'string', default: '10' },
    batch: { type: 'string', default: '20' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: `${RESULTS}/overload.json` },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds ?? (values.quick ? 5 : 60));
const factor = Number(values.factor);
const batch = Number(values.batch);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (values.help) process.stdout.write(HELP);
else if (!(seconds >= 1 && seconds <= 600 && factor >= 1 && factor <= 100 && Number.isInteger(batch) && batch >= 1 && batch <= 500)) {
  process.stderr.write('--seconds must be 1 to 600, --factor 1 to 100, --batch 1 to 500. See --help.\n');
  process.exitCode = EXIT_USAGE;
} else {
  const plan = {
    seconds,
    factor,
    batch,
    ...(values.quick ? { peakSeconds: 3, calmSeconds: 4 } : { peakSeconds: 10, calmSeconds: 30 }),
    warmUpRuns: values.quick ? 500 : 3_000,
  };
  process.exit(await main(plan, values.quick, values.json));
}

async function main(plan: OverloadPlan, quick: boolean, json: string): Promise<number> {
  const servers = await startBenchServers(progress);
  try {
    const environment = describeEnvironment(servers.versions);
    const scene = { servers, quick, signal: new AbortController().signal, onProgress: progress };
    const figures = await withSite(scene, { name: 'overload' }, (site) => measureOverload(site, plan, progress));
    writeResult(json, `${JSON.stringify({ environment, figures }, undefined, 1)}\n`);
    process.stdout.write(`${overloadText(figures, environment, quick)}Written: ${json}\n`);
    return overloadDemands(figures).every(({ kept }) => kept === true) ? 0 : 1;
  } finally {
    await servers.close();
  }
}
