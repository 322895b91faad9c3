import type { CleanAttributes } from './attribute-bytes.ts';
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

/** Posts spans in the OpenTelemetry Protocol over HTTP, as protobuf. What that takes is loaded with the first span. */
export function otlpExporter({ settings, resource, clean }: OtlpParts): SpanExporter {
  const load = async () => {
    const [{ otlpSender }, { SpanEncoder }] = await Promise.all([import('./otlp-sender.ts'), import('./span-encoder.ts')]);
    return { sender: otlpSender(settings), encoder: new SpanEncoder(resource, clean) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return {
    async export(spans) {
      const { sender, encoder } = await (loaded ??= load());
      const { refused, message } = await sender.send(encoder.encode(spans));
      if (refused > 0) throw new SpansRefused(refused, message);
    },
    async close() {
      (await loaded)?.sender.close();
    },
  };
}
