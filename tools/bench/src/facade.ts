import { LEFT_OUT_VARIABLE, type LeftOut } from './mainstay/left-out.ts';
import { runPairCommand } from './pair/pair-command.ts';
import { MIB } from './report/figure.ts';

const WITHOUT: LeftOut = 'hardening';

await runPairCommand({
  name: 'facade',
  purpose: 'Measures what the hardening facade of orchestrator and worker costs on the chain, on and off in turn.',
  bars: { subject: 'hardening', leastThroughput: 0.99, mostBytes: 20 * MIB },
  open: () =>
    Promise.resolve({
      specs: { off: { env: { [LEFT_OUT_VARIABLE]: WITHOUT } }, on: { env: {} } },
      seen: () => ({ notes: [], bars: [] }),
      close: () => Promise.resolve(),
    }),
});
