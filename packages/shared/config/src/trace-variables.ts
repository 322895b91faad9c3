import { TRACE_SAMPLERS } from '@mainstay/types';
import { bool, choice, decimal, durationMs, integer, list, secret, text, url } from './fields.ts';

const about = (description: string) => ({ group: 'Traces' as const, description });
const http = () => url({ protocols: ['http', 'https'] });

/** The standard variables of OpenTelemetry that decide on traces, and our own that decide which are kept besides the sampled ones. */
export const traceVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: http()
    .optional()
    .meta(
      about('Where traces are sent to (v1/traces is added), in OTLP over HTTP. Not set, and none of the next two either: traces are off.'),
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: http().optional().meta(about('The same for traces alone, as it stands; it comes before the other.')),
  OTEL_TRACES_EXPORTER: choice(['otlp', 'none'])
    .optional()
    .meta(
      about(
        'With otlp, traces are sent, to http://localhost:4318 where no endpoint is set; with none they are off. Not set: as the endpoint says.',
      ),
    ),
  OTEL_SDK_DISABLED: bool().prefault('false').meta(about('Whether traces are off, whatever else is set.')),
  OTEL_EXPORTER_OTLP_HEADERS: secret()
    .optional()
    .meta({ ...about('Headers of each request: name=value[,name2=value2], values percent-encoded.'), secret: true }),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: secret()
    .optional()
    .meta({ ...about('The same for traces alone; they come before the others.'), secret: true }),
  OTEL_EXPORTER_OTLP_PROTOCOL: choice(['http/protobuf']).prefault('http/protobuf').meta(about('Only http/protobuf is spoken.')),
  OTEL_EXPORTER_OTLP_TIMEOUT: durationMs({ min: 1 }).prefault('10000').meta(about('Time of one request, its repetitions included.')),
  OTEL_SERVICE_NAME: text().optional().meta(about('Name of the service in traces. Not set: mainstay-orchestrator or agents.')),
  OTEL_RESOURCE_ATTRIBUTES: text()
    .optional()
    .meta(about('Attributes of all spans: key=value[,key2=value2], such as deployment.environment.name=production; percent-encoded.')),
  OTEL_TRACES_SAMPLER: choice(TRACE_SAMPLERS)
    .prefault('parentbased_always_on')
    .meta(about(`Which traces are sampled: ${TRACE_SAMPLERS.join(', ')}.`)),
  OTEL_TRACES_SAMPLER_ARG: decimal({ max: 1 }).prefault('1').meta(about('Share of traces, 0 to 1, for the samplers with traceidratio.')),
  OTEL_BSP_MAX_QUEUE_SIZE: integer({ min: 1, max: 1_000_000 })
    .prefault('2048')
    .meta(about('Spans that wait to be sent, at most; further ones are dropped and counted.')),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer({ min: 1, max: 100_000 }).prefault('512').meta(about('Spans in one request.')),
  OTEL_BSP_SCHEDULE_DELAY: durationMs({ min: 1 }).prefault('5000').meta(about('Time that a span waits for others, at most.')),
  OTEL_BSP_EXPORT_TIMEOUT: durationMs({ min: 1 }).prefault('30000').meta(about('Time after which an export has failed.')),
  MAINSTAY_TRACES_KEEP: list()
    .prefault('errors,slow')
    .meta(about('What is kept of traces that are not sampled: errors, slow, both, or none.')),
  MAINSTAY_TRACES_SLOW_MS: durationMs({ min: 1 })
    .prefault('60000')
    .meta(about('A run, an attempt or a request that took so long is slow.')),
};
