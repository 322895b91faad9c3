import type { Environment } from '../environment.ts';
import { figure, mib, percent } from '../report/figure.ts';
import { environmentText } from '../report/text.ts';
import { table } from '../report/table.ts';
import { atLeast, type Demand, exactly } from '../scale/part.ts';
import type { OverloadFigures } from './overload-figures.ts';
import type { ProbeFigures } from './probe.ts';
import type { PartFigures } from './step-times.ts';

const LEAST_GOODPUT = 0.8;
const MOST_LATENCY = 3;
/** Of what was to be offered: a generator that cannot keep up shows less than an overload. */
const LEAST_OFFERED = 0.9;
/** Lines of the table at most. */
const MOST_LINES = 20;

export function overloadDemands(figures: OverloadFigures): readonly Demand[] {
  const { peakPerSecond, factor, seconds, counts, work, peakBytes, memoryLimitBytes } = figures;
  const goodput = figures.doneMeanwhile / seconds / peakPerSecond;
  const latency = work.flooded.p99Ms / work.unloaded.p99Ms;
  const peak = Math.max(peakBytes.orchestrator, peakBytes.worker);
  return [
    atLeast(`offered: ${factor} × the sustainable load`, counts.offered / seconds / peakPerSecond, LEAST_OFFERED * factor, times),
    atLeast(`goodput ≥ ${percent(LEAST_GOODPUT)} of the peak`, goodput, LEAST_GOODPUT, percent),
    { demand: `memory ≤ ${mib(memoryLimitBytes)}, the limit of production`, measured: mib(peak), kept: peak <= memoryLimitBytes },
    { demand: `high priority, p99 ≤ ${MOST_LATENCY} × unloaded`, measured: times(latency), kept: latency <= MOST_LATENCY },
    exactly('runs of high priority that failed = 0', work.flooded.failed, 0),
    exactly('accepted runs that did not succeed = 0', counts.accepted - figures.succeeded, 0),
    exactly('refusals without Retry-After = 0', counts.withoutRetryAfter, 0),
    exactly('other answers and broken connections = 0', counts.other + counts.broken + counts.unanswered, 0),
  ];
}

/** The whole report for the terminal. */
export function overloadText(figures: OverloadFigures, environment: Environment, quick: boolean): string {
  const { peakPerSecond, most, factor, seconds, counts, doneMeanwhile, drainMs, peakBytes } = figures;
  const done = doneMeanwhile / seconds;
  const notice = quick ? ['Quick: short, so the figures say that everything works, not how fast it is.'] : [];
  const rows = [
    ['sustained, runs/s', figure(peakPerSecond)],
    [`with ${most.inFlight} in flight, runs/s`, figure(most.perSecond)],
    ['offered, runs/s', `${figure(counts.offered / seconds)}, ${factor} × wanted`],
    ['accepted, refused', `${counts.accepted}, ${counts.refused}`],
    [
      'done meanwhile, runs/s',
      `${figure(done)}: ${percent(done / peakPerSecond)} of the first, ${percent(done / most.perSecond)} of the second`,
    ],
    ['the rest done after', `${(drainMs / 1_000).toFixed(1)} s`],
    ['peak memory', `orchestrator ${mib(peakBytes.orchestrator)}, worker ${mib(peakBytes.worker)}`],
  ];
  return [
    environmentText(environment),
    ...notice,
    `${factor} × the sustainable load for ${seconds} s\n${table(rows)}`,
    `Runs of high priority\n${table(probeRows(figures))}`,
    `Where the time of a step of theirs goes, but for its work\n${table(stepRows(figures))}`,
    table([['second', '202', '429, 503', 'succeeded', 'orchestrator'], ...secondRows(figures)]),
    `Bars\n${table(overloadDemands(figures).map(({ demand, measured, kept }) => [demand, measured, kept === true ? 'PASS' : 'FAIL']))}`,
    '',
  ].join('\n\n');
}

function probeRows({ work, noop }: OverloadFigures): readonly (readonly string[])[] {
  const row = (name: string, { runs, p50Ms, p99Ms, maxMs, acceptedP99Ms }: ProbeFigures): readonly string[] => [
    name,
    String(runs),
    ...[p50Ms, p99Ms, maxMs, acceptedP99Ms].map(figure),
  ];
  return [
    ['', 'runs', 'p50 ms', 'p99 ms', 'max ms', 'accepted, p99'],
    row('steps of 50 ms, unloaded', work.unloaded),
    row('steps of 50 ms, in the flood', work.flooded),
    row('steps that do nothing, unloaded', noop.unloaded),
    row('steps that do nothing, in the flood', noop.flooded),
  ];
}

function stepRows({ steps: { unloaded, flooded }, ownLag }: OverloadFigures): readonly (readonly string[])[] {
  const row = (name: string, calm: PartFigures, full: PartFigures): readonly string[] => [
    name,
    ...[calm.p50Ms, calm.p99Ms, full.p50Ms, full.p99Ms].map(figure),
  ];
  return [
    ['', 'unloaded p50', 'p99 ms', 'in the flood p50', 'p99 ms'],
    row('from the decision to a worker', unloaded.out, flooded.out),
    row('from its end to the decision', unloaded.back, flooded.back),
    ['lag of the measuring process itself', '', figure(ownLag.unloaded.p99Ms), '', figure(ownLag.flooded.p99Ms)],
  ];
}

/** Every so many seconds; the counts are those so far. */
function secondRows({ bySecond }: OverloadFigures): readonly (readonly string[])[] {
  const width = Math.max(1, Math.ceil(bySecond.length / MOST_LINES));
  return bySecond.flatMap(({ accepted, refused, succeeded, orchestratorBytes }, index) =>
    (index + 1) % width === 0 ? [[String(index + 1), String(accepted), String(refused), String(succeeded), mib(orchestratorBytes)]] : [],
  );
}

function times(value: number): string {
  return `${value.toFixed(2)} ×`;
}
