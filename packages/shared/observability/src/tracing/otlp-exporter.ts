import type { CleanAttribute } from './attribute-bytes.ts';
import { ByteWriter } from './byte-writer.ts';
import type { OtlpSettings } from './otlp-sender.ts';
import { SpanEncoder } from './span-encoder.ts';
import { type BatchExporter, SpansRefused } from './span-exporter.ts';
import type { Attributes } from './span-record.ts';

export type { OtlpSettings } from './otlp-sender.ts';

export interface OtlpParts {
  readonly settings: OtlpSettings;
  /** What all spans of this process have in common, `service.name` among it. */
  readonly resource: Attributes;
  readonly clean: CleanAttribute;
}

/** What writes requests is used again, unless it had to grow beyond that. So many are kept: one request is written while another is sent. */
const MAX_KEPT_BYTES = 1_048_576;
const MAX_KEPT = 2;

/** Posts spans in the OpenTelemetry Protocol over HTTP, as protobuf. They are written as they come; what sends them is loaded with the first. */
export function otlpExporter({ settings, resource, clean }: OtlpParts): BatchExporter {
  const encoder = new SpanEncoder(resource, clean);
  const load = async () => (await import('./otlp-sender.ts')).otlpSender(settings);
  let sender: ReturnType<typeof load> | undefined;
  const spare: ByteWriter[] = [];
  return {
    open() {
      const out = spare.pop() ?? new ByteWriter(1_024);
      const request = encoder.open(out);
      return {
        add: request.add,
        async send() {
          try {
            const { refused, message } = await (await (sender ??= load())).send(request.end());
            if (refused > 0) throw new SpansRefused(refused, message);
          } finally {
            // not before: another request may be written while this one is still being sent
            if (spare.length < MAX_KEPT && out.capacity <= MAX_KEPT_BYTES) spare.push(out);
          }
        },
      };
    },
    async close() {
      (await sender)?.close();
    },
  };
}
