import { BaseAgent } from '@mainstay/agent';
import { createClient } from '@mainstay/client';
import { z } from 'zod';
import { startOwnSdk } from './own-sdk.ts';
import { runOwnWorker } from './run-own-worker.ts';

/** A worker of a process with an OpenTelemetry SDK of its own, which submits further runs from its agent. */
const sdk = startOwnSdk('own-sdk');

class Instrumented extends BaseAgent {
  readonly kind = 'instrumented';
  readonly input = z.object({ url: z.string(), key: z.string(), then: z.string() });
  readonly output = z.object({ run: z.string() });

  run({ url, key, then }: z.infer<typeof this.input>) {
    return sdk.tracer.startActiveSpan('own work', async (span) => {
      await using client = createClient({ url, key });
      const { id } = await client.submit({ pipeline: then });
      span.end();
      return { run: id };
    });
  }
}

await runOwnWorker('sdk-worker', [new Instrumented()], [{ name: 'own sdk', stop: () => sdk.stop() }]);
