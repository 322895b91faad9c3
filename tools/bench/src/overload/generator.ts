import { z } from 'zod';
import { PipelinedConnection } from '../scale/overload/pipelined-connection.ts';
import { requestText } from '../scale/overload/request-text.ts';

/**
 * Program: posts runs at a fixed rate for a while, so many in one request, whatever is answered, as clients do that know nothing of each
 * other. What is refused is not posted again. Counts are of runs. Its job comes as JSON in the first argument; what was answered is written once a second, a line of JSON
 * each, the last one when all are answered.
 */
const job = z
  .object({
    port: z.number(),
    authorization: z.string(),
    body: z.string(),
    perSecond: z.number(),
    batch: z.number(),
    seconds: z.number(),
    connections: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? 'null'));

const TICK_MS = 10;
/** Runs without an answer; more are not posted, and are missing in what was offered. */
const MAX_UNANSWERED = 50_000;
/** After the last post, so long is waited for answers. */
const ANSWERS_MS = 20_000;

const counts = { offered: 0, accepted: 0, refused: 0, withoutRetryAfter: 0, other: 0, broken: 0, unanswered: 0 };
const request = requestText(job, job.batch === 1 ? undefined : 'batch');
const connections = Array.from(
  { length: job.connections },
  () =>
    new PipelinedConnection(
      job.port,
      request,
      ({ status, retryAfterS, body }) => {
        counts.unanswered -= job.batch;
        if (status === 202) counts.accepted += job.batch;
        else if (status === 207) divided(body);
        else if (status === 429 || status === 503) counts.refused += job.batch;
        else counts.other += job.batch;
        if (status !== 202 && (retryAfterS === undefined || retryAfterS <= 0)) counts.withoutRetryAfter += 1;
      },
      (requests) => {
        counts.unanswered -= requests * job.batch;
        counts.broken += requests * job.batch;
      },
    ),
);

const results = z.object({ results: z.array(z.object({ status: z.number() })) });

/** Some of a request were accepted. */
function divided(body: string): void {
  for (const { status } of results.parse(JSON.parse(body)).results) {
    if (status === 202) counts.accepted += 1;
    else if (status === 429 || status === 503) counts.refused += 1;
    else counts.other += 1;
  }
}

const begun = performance.now();
let next = 0;
let due = 0;

function tick(): void {
  const seconds = Math.min(job.seconds, (performance.now() - begun) / 1_000);
  const missing = Math.floor((seconds * job.perSecond) / job.batch) - due;
  due += missing;
  const count = Math.min(missing, Math.floor((MAX_UNANSWERED - counts.unanswered) / job.batch));
  const share = Math.ceil(count / connections.length);
  for (let left = count; left > 0; left -= share) {
    connections[next++ % connections.length]?.send(Math.min(share, left));
  }
  counts.offered += Math.max(0, count) * job.batch;
  counts.unanswered += Math.max(0, count) * job.batch;
}

const say = (): boolean => process.stdout.write(`${JSON.stringify(counts)}\n`);
const ticks = setInterval(tick, TICK_MS);
const told = setInterval(say, 1_000);
await new Promise((resolve) => setTimeout(resolve, job.seconds * 1_000));
clearInterval(ticks);
for (const end = performance.now() + ANSWERS_MS; counts.unanswered > 0 && performance.now() < end;) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
clearInterval(told);
say();
process.exit(0);
