import { afterEach, describe, expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@mainstay/observability';
import { createMemoryHub, openEmergencyChannel } from '@mainstay/transport';
import { FakeClock } from '@mainstay/utils/testing';
import { hardenWorker } from './harden-worker.ts';

const GB = 1_073_741_824;
const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function scene() {
  const clock = new FakeClock();
  const hub = createMemoryHub();
  const [orchestrator, transport] = [hub.connect({ name: 'o', side: 'orchestrator' }), hub.connect({ name: 'w', side: 'worker' })];
  await Promise.all([orchestrator.start(), transport.start()]);
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  const did: string[] = [];
  let memoryShare = 0.3;
  const sampler = {
    sample: () => ({
      ...{ atMs: clock.monotonic(), rssBytes: 1, heapUsedBytes: 1, heapLimitBytes: GB, memoryLimitBytes: GB, memoryShare },
      ...{ cpuShare: 0.1, loopUtilization: 0.1, loopLagMs: 1, handles: 1 },
    }),
    [Symbol.dispose]: () => undefined,
  };
  const hardening = hardenWorker({
    ...{ profile: 'production', transport, capacity: 10, metrics },
    logger: createLogger({ service: 'test', level: 'silent' }),
    worker: {
      takeOnly: (least) => void did.push(`take ${least}`),
      handBack: (least) => did.push(`hand back below ${least}`),
      limit: (attempts) => void did.push(`limit ${attempts.toFixed(1)}`),
    },
    more: { clock, sampler },
  });
  open.push(
    () => orchestrator.close(),
    () => transport.close(),
    () => hardening[Symbol.asyncDispose](),
  );
  return {
    ...{ clock, hardening, did, metrics, orchestrator },
    use: async (share: number, seconds: number) => {
      memoryShare = share;
      for (let n = 0; n < seconds; n++) await clock.advance(1_000);
      await hardening.emergency.settled();
      return did.splice(0);
    },
  };
}

describe('a hardened worker', () => {
  test('does less while memory is short, and everything again when it is not', async () => {
    const { use } = await scene();
    const short = await use(0.92, 2);
    expect(short).toContain('take normal');
    expect(short).toContain('limit 7.0');
    const well = await use(0.3, 20);
    expect(well).toContain('take low');
    expect(well.filter((one) => one.startsWith('limit')).at(-1)).toBe('limit 10.0');
  });

  test('goes into an emergency by itself, hands back what is of low priority, and comes out again', async () => {
    const { use, metrics } = await scene();
    const did = await use(0.97, 5);
    expect(did.filter((one) => !one.startsWith('limit'))).toEqual(
      expect.arrayContaining(['take normal', 'hand back below normal', 'take high']),
    );
    expect(await metrics.text()).toMatch(/^mainstay_emergency\{.*\} 1$/m);
    expect((await use(0.3, 40)).filter((one) => !one.startsWith('limit')).at(-1)).toBe('take low');
    const text = await metrics.text();
    expect(text).toMatch(/^mainstay_emergency\{.*\} 0$/m);
    expect(text).toMatch(/^mainstay_emergencies_total\{.*trigger="memory".*\} 1$/m);
  });

  test('follows what a person told an orchestrator', async () => {
    const { hardening, orchestrator, clock } = await scene();
    const channel = openEmergencyChannel(orchestrator, () => undefined);
    const notice = { process: 'o', active: true, reason: 'drill', by: 'ada', ttlMs: 30_000 };
    await channel.announce(notice);
    await clock.advance(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hardening.emergency.active).toBe(true);
    await channel.announce({ ...notice, active: false });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hardening.emergency.active).toBe(false);
  });
});
