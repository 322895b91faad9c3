import { MainstayError, OverloadError, toMainstayError, uuidv7 } from '@mainstay/types';
import { z } from 'zod';
import type { Submitted } from '../../engine/engine.ts';
import { placeOf, schemaError, toProblem } from '../problems.ts';
import { factsOf, type RequestFacts } from '../request-facts.ts';
import { linkRun } from '../request-span.ts';
import { type Call, defineRoute, type Reply } from '../route.ts';
import { batchBody, batchFacts, batchResult, batchRun, deadlineHeaders } from '../schemas/runs.ts';
import { type TraceContext, traceOfRun } from '../trace-context.ts';
import { RUNS_PATH, submissionOf } from './submission.ts';

const PATH = `${RUNS_PATH}/batch`;
const batchRuns = z.array(batchRun);
type BatchRun = z.output<typeof batchRun>;

/** What became of one run of a batch. */
type Outcome = Submitted | MainstayError;

export const runBatchRoutes = [
  defineRoute({
    id: 'createRuns',
    method: 'post',
    path: PATH,
    tag: 'Runs',
    access: 'runs:write',
    summary: 'Start many runs',
    description:
      'Each run is answered by itself, in order, when it is on disk or refused; one that is refused does not hold up the others. ' +
      'The body has the same limit in bytes as any other. Repeat what was refused with 429 or 503 after `Retry-After`; with an ' +
      '`idempotencyKey` a whole batch may be repeated when its answer was lost.',
    headers: deadlineHeaders,
    body: batchBody,
    bodyFacts: batchFacts,
    replies: {
      202: { description: 'All were accepted', schema: batchResult },
      207: {
        description: 'Some were not accepted',
        schema: batchResult,
        headers: { 'Retry-After': 'Seconds to wait before those that were refused for overload are repeated' },
      },
    },
    errors: ['EMERGENCY', 'OVERLOADED', 'SHUTTING_DOWN', 'POSTGRES_UNAVAILABLE'],
    handle: async (call) => {
      const outcomes = await outcomesOf(call, call.body.runs, call.headers['x-deadline-ms']);
      report(outcomes, call);
      return replyOf(outcomes, call);
    },
  }),
];

async function outcomesOf(call: Call, runs: readonly unknown[], deadlineMs: number | undefined): Promise<readonly Outcome[]> {
  const settled = await Promise.allSettled(checked(runs).map((run) => submit(call, run, deadlineMs)));
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : toMainstayError(one.reason)));
}

/** Rejects, and never throws, so that one run does not keep the others from being submitted. */
function submit(
  { services: { engine, admission, tracing }, principal, trace: ofRequest, response }: Call,
  run: BatchRun | MainstayError,
  deadlineMs: number | undefined,
) {
  if (run instanceof MainstayError) return Promise.reject(run);
  try {
    admission.check(run.priority);
    const bounds = { key: run.idempotencyKey, deadlineMs: run.deadlineMs ?? deadlineMs };
    // runs of a batch have correlation ids of their own
    const trace = traceOfRun(run.correlationId ?? uuidv7(), run, ofRequest, tracing?.sample);
    const submitted = engine.submit(submissionOf(principal, run, trace, bounds));
    return tracing === undefined ? submitted : submitted.then((one) => linked(factsOf(response), one, trace));
  } catch (error) {
    return Promise.reject(toMainstayError(error));
  }
}

function linked(facts: RequestFacts, submitted: Submitted, trace: TraceContext): Submitted {
  if (!submitted.repeated) linkRun(facts, submitted.id, trace);
  return submitted;
}

/** The runs that are well-formed, in their places; all at once, and one by one only when one is not. */
function checked(runs: readonly unknown[]): readonly (BatchRun | MainstayError)[] {
  const all = batchRuns.safeParse(runs);
  if (all.success) return all.data;
  return runs.map((run) => {
    const one = batchRun.safeParse(run);
    return one.success ? one.data : schemaError(one.error, 'run');
  });
}

/** What is not the fault of the one who asks is logged, once for the whole batch. */
function report(outcomes: readonly Outcome[], { services: { logger } }: Call): void {
  const failed = outcomes.filter((outcome) => outcome instanceof MainstayError && outcome.status >= 500);
  const worst = failed.find((outcome) => outcome instanceof MainstayError && outcome.status !== 503) ?? failed[0];
  if (worst instanceof MainstayError) {
    logger[worst.status === 503 ? 'warn' : 'error']({ err: worst, runs: failed.length }, 'runs of a batch were not created');
  }
}

/** Rejects with the error of the first when all were refused because there is too much to do, or the store is away. */
function replyOf(outcomes: readonly Outcome[], { trace }: Call): Reply {
  const place = placeOf(PATH, trace);
  const refused = outcomes.filter((outcome) => outcome instanceof MainstayError);
  const [first] = refused;
  if (first !== undefined && refused.length === outcomes.length && refused.every(mayPass)) throw first;
  const results = outcomes.map((outcome) => {
    if (!(outcome instanceof MainstayError)) return { status: outcome.repeated ? 200 : 202, id: outcome.id, runStatus: outcome.status };
    const { problem } = toProblem(outcome, place);
    return { status: problem.status, error: problem };
  });
  const waiting = refused.find(mayPass);
  return {
    status: refused.length === 0 ? 202 : 207,
    json: { results },
    ...(waiting === undefined ? {} : { headers: toProblem(waiting, place).headers }),
  };
}

/** The same run may be taken later. */
function mayPass(error: MainstayError): boolean {
  return error instanceof OverloadError || error.status === 503;
}
