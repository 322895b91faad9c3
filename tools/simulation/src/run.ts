import { planOf, faultText } from './core/plan.ts';
import { SOUND } from './fleet/variant.ts';
import { type Options, parseOptions } from './options.ts';
import { Progress } from './report/progress.ts';
import { historyLines, tellViolation } from './report/story.ts';
import { type Line, simulate } from './simulate.ts';

const EXIT_USAGE = 2;

async function play({ from, seeds, steps, minutes, faults: chosen, keepGoing, verbose }: Options): Promise<number> {
  const progress = new Progress(process.stderr);
  const { tally } = progress;
  for (let seed = from; seed < from + seeds && tally.steps < steps && progress.elapsedMs < minutes * 60_000; seed++) {
    const plan = planOf(seed);
    const faults = chosen === undefined ? plan.faults : plan.faults.filter((_, index) => chosen.includes(index));
    const onLine = (line: Line): void => void process.stdout.write(`${historyLines([line]).join('\n')}\n`);
    if (verbose) process.stdout.write(faults.map((fault) => `${plan.faults.indexOf(fault)}: ${faultText(fault)}\n`).join(''));
    const result = await simulate(plan, { faults, ...(verbose ? { onLine } : {}) });
    tally.seeds++;
    tally.steps += result.steps;
    tally.runs += result.runs;
    tally.simulatedMs += result.simulatedMs;
    if (result.violation !== undefined) {
      tally.violations++;
      progress.end();
      process.stdout.write(await tellViolation(plan, faults, result.violation, SOUND));
      if (!keepGoing) break;
    }
    progress.tell();
  }
  progress.end();
  process.stdout.write(`${progress.text()}\n`);
  return tally.violations === 0 ? 0 : 1;
}

const parsed = parseOptions(process.argv.slice(2));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if ('help' in parsed) process.stdout.write(parsed.help);
else if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n`);
  process.exitCode = EXIT_USAGE;
} else process.exitCode = await play(parsed.options);
