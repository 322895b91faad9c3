import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig, traceEnv, traceSettings } from '@mainstay/config';
import { createTracing, inSpan, traceOfEnvironment } from '@mainstay/observability';

/** A program that an agent starts: it tells one span, below what its environment says. */
const tracing = createTracing({ service: 'child', settings: traceSettings(loadConfig(traceEnv)) });
await inSpan(tracing, 'child work', () => sleep(5), { parent: traceOfEnvironment(process.env) });
await tracing?.close();
