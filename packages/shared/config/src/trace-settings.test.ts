import { describe, expect, test } from '@jest/globals';
import { loadConfig } from './load-config.ts';
import { traceEnv, traceSettings } from './trace-settings.ts';

const read = (env: Record<string, string>) => traceSettings(loadConfig(traceEnv, env));

describe('traceSettings', () => {
  test.each([
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/x/' }, 'http://c:4318/x/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/as-it-is' }, 'http://t/as-it-is'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_EXPORTER: 'none' }, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'true' }, undefined],
  ] as const)('%j sends to %j', (env, url) => {
    expect(read({ ...env })?.otlp.url).toBe(url);
  });

  test('headers and attributes are pairs, percent-encoded; those for traces come first', () => {
    const settings = read({
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, x=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x=2',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    expect(settings?.otlp.headers).toEqual({ 'api-key': 'a b', x: '2' });
    expect(settings?.resource).toEqual({ 'deployment.environment.name': 'test' });
  });

  test('what cannot be read is named, and not shown', () => {
    const secret = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' };
    expect(() => read(secret)).toThrow(/OTEL_EXPORTER_OTLP_HEADERS must be name=value pairs/);
    expect(() => read(secret)).not.toThrow(/hunter2/);
    expect(() => read({ OTEL_TRACES_SAMPLER: 'some' })).toThrow(/OTEL_TRACES_SAMPLER must be one of/);
    expect(() => read({ OTEL_TRACES_EXPORTER: 'otlp', MAINSTAY_TRACES_KEEP: 'all' })).toThrow(/MAINSTAY_TRACES_KEEP/);
  });

  test('the defaults are those of OpenTelemetry', () => {
    expect(read({ OTEL_TRACES_EXPORTER: 'otlp' })).toMatchObject({
      sampler: 'parentbased_always_on',
      ratio: 1,
      queue: { maxQueueSize: 2_048, maxBatchSize: 512, scheduleDelayMs: 5_000, exportTimeoutMs: 30_000 },
      keep: { errors: true, slowMs: 60_000 },
    });
  });
});
