import type { CleanAttributes } from './attribute-bytes.ts';
import { ByteWriter } from './byte-writer.ts';
import type { OtlpSettings } from './otlp-sender.ts';
import { type SpanExporter, SpansRefused } from './span-exporter.ts';
import type { Attributes } from './span-record.ts';

export type { OtlpSettings } from './otlp-sender.ts';

export interface OtlpParts {
  readonly settings: OtlpSettings;
  /** What all spans of this process have in common, `service.name` among it. */
  readonly resource: Attributes;
  readonly clean: CleanAttributes;
}

/** What writes requests is used again, unless it had to grow beyond that. */
const MAX_KEPT_BYTES = 1_048_576;

/** Posts spans in the OpenTelemetry Protocol over HTTP, as protobuf. What that takes is loaded with the first span. */
export function otlpExporter({ settings, resource, clean }: OtlpParts): SpanExporter {
  const load = async () => {
    const [{ otlpSender }, { SpanEncoder }] = await Promise.all([import('./otlp-sender.ts'), import('./span-encoder.ts')]);
    return { sender: otlpSender(settings), encoder: new SpanEncoder(resource, clean) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  let spare: ByteWriter | undefined;
  return {
    async export(spans) {
      const { sender, encoder } = await (loaded ??= load());
      const out = spare ?? new ByteWriter(1_024);
      spare = undefined;
      try {
        const { refused, message } = await sender.send(encoder.encode(spans, out));
        if (refused > 0) throw new SpansRefused(refused, message);
      } finally {
        // not before: another request may be written while this one is still being sent
        if (out.capacity <= MAX_KEPT_BYTES) spare = out;
      }
    },
    async close() {
      (await loaded)?.sender.close();
    },
  };
}
