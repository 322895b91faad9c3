import { createHardening, profiles } from '../index.ts';

/**
 * A process that takes memory for work of low priority until it is stopped by its own emergency mode, while work of high priority
 * goes on. Writes what happened as JSON. Run with `--expose-gc`.
 */
const MB = 1_048_576;
/** Above what the allocator keeps to itself, so that what is freed goes back to the system. */
const PIECE_BYTES = 48 * MB;
const ROOM_BYTES = 480 * MB;

const begunAt = performance.now();
/** A moment: when, in milliseconds since the start, and the resident memory. */
const moment = () => ({ atMs: Math.round(performance.now() - begunAt), bytes: process.memoryUsage.rss() });

const before = moment();
const memoryLimitBytes = before.bytes + ROOM_BYTES;
const seen = { peakBytes: 0, entered: [] as string[], left: 0, rssAtEnd: 0, limitBytes: memoryLimitBytes };
const moments = { before, entered: before, acted: before, left: before };
const low = { begun: 0, ended: 0, refused: 0 };
const high = { done: 0, failed: 0, slowestMs: 0 };

const hardening = createHardening({
  profile: { ...profiles.staging, memoryLimitBytes },
  sampleEveryMs: 20,
  root: '/nowhere',
  // only the emergency is to stop it here
  limits: { memoryShedShare: 0.99, cpuShare: 10, loopLagMs: 60_000, collectEveryMs: 200 },
  emergencyLimits: { sustainedMs: 40, calmMs: 300, minimumMs: 300 },
  emergency: {
    onChange: ({ change, triggers }) => {
      if (change === 'entered') seen.entered = [...triggers];
      if (change === 'left') seen.left += 1;
      if (moments[change] === before) moments[change] = moment();
    },
  },
});

/** Takes memory and holds it until it is told to stop. */
async function hog({ signal }: { readonly signal: AbortSignal }): Promise<void> {
  const piece = Buffer.alloc(PIECE_BYTES, low.begun % 256);
  low.begun += 1;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  piece.fill(0, 0, 1);
}

function step(): void {
  seen.peakBytes = Math.max(seen.peakBytes, process.memoryUsage.rss());
  const asked = performance.now();
  hardening
    .execute('payment', () => 1, { priority: 'high' })
    .then(
      () => {
        high.done += 1;
        high.slowestMs = Math.max(high.slowestMs, performance.now() - asked);
      },
      () => (high.failed += 1),
    );
  if (seen.left > 0) return;
  hardening.execute('batch', hog, { priority: 'low', timeoutMs: 600_000 }).catch((error: unknown) => {
    const refused = error instanceof Error && 'code' in error && (error.code === 'OVERLOADED' || error.code === 'EMERGENCY');
    if (refused) low.refused += 1;
    else low.ended += 1;
  });
}

const giveUpAt = Date.now() + 50_000;
while (seen.left === 0 && Date.now() < giveUpAt) {
  step();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
seen.rssAtEnd = process.memoryUsage.rss();
await hardening.close();
process.stdout.write(`${JSON.stringify({ ...seen, moments, low, high })}\n`);
