import { LEFT_OUT_VARIABLE, type LeftOut } from './mainstay/left-out.ts';
import { runPairCommand } from './pair/pair-command.ts';
import { openTraceSink } from './pair/trace-sink.ts';
import { MIB } from './report/figure.ts';

const WITHOUT: LeftOut = 'metrics';
const SAMPLED = '0.1';

await runPairCommand({
  name: 'observability',
  purpose: 'Measures what logs, metrics and traces of orchestrator and worker cost on the chain, on and off in turn.',
  bars: { subject: 'logs, metrics, traces', leastThroughput: 0.95, mostBytes: 20 * MIB },
  async open() {
    const sink = await openTraceSink();
    const traces = {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: SAMPLED,
      // spans are sent while their arm works, not in the turn of the other one
      OTEL_BSP_SCHEDULE_DELAY: '500',
    };
    return {
      specs: {
        off: { env: { LOG_LEVEL: 'silent', [LEFT_OUT_VARIABLE]: WITHOUT } },
        on: { env: { LOG_LEVEL: 'info', ...traces }, scraped: true },
      },
      seen(generations) {
        const { requests, bytes, spans } = sink.counts();
        const scrapes = generations.flatMap((one) => one.slices).reduce((sum, slice) => sum + slice.scrapes, 0);
        return {
          notes: [`traces at ${SAMPLED}: ${requests} requests, ${(bytes / 1_024).toFixed(0)} KB`, `scrapes of both processes: ${scrapes}`],
          bars: [{ demand: 'spans arrive', measured: String(spans), kept: spans > 0 }],
        };
      },
      close: () => sink.close(),
    };
  },
});
