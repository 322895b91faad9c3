import type { YamlValue } from '../yaml.ts';

/** Processes that are scraped together. */
export interface ScrapeJob {
  /** Must begin with `mainstay`: the rules choose by it. */
  readonly job: string;
  /** `host:port` each. */
  readonly targets: readonly string[];
  /** A file with a key of scope `metrics:read`; without one the targets are management ports. */
  readonly keyFile?: string;
}

export interface PrometheusFacts {
  readonly jobs: readonly ScrapeJob[];
  /** Names of the rule files, relative to the configuration. */
  readonly rules: readonly string[];
  /** `host:port`. */
  readonly alertmanager?: string;
  readonly environment: string;
  /** Default 15 s. */
  readonly interval?: string;
}

/** The configuration of Prometheus. */
export function prometheusFile({ jobs, rules, alertmanager, environment, interval = '15s' }: PrometheusFacts): YamlValue {
  return {
    global: {
      scrape_interval: interval,
      evaluation_interval: interval,
      scrape_timeout: interval === '15s' ? '10s' : interval,
      external_labels: { environment },
    },
    rule_files: rules,
    ...(alertmanager === undefined ? {} : { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
    scrape_configs: jobs.map(({ job, targets, keyFile }) => ({
      job_name: job,
      ...(keyFile === undefined ? {} : { authorization: { type: 'Bearer', credentials_file: keyFile } }),
      static_configs: [{ targets }],
    })),
  };
}
