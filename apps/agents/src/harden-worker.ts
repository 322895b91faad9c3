import type { Worker } from '@mainstay/agent';
import {
  EMERGENCY_TRIGGERS,
  createHardening,
  type EmergencyRecord,
  type EnforcementDecision,
  type Hardening,
  type HardeningOptions,
  processJournal,
  type ProfileName,
} from '@mainstay/hardening';
import { exposeHealth, type Logger, type Metrics, zeroed } from '@mainstay/observability';
import { openEmergencyChannel, type Transport } from '@mainstay/transport';
import { strayWork } from '@mainstay/utils';

export interface HardenWorkerOptions {
  readonly profile: ProfileName | undefined;
  readonly memoryLimitBytes?: number | undefined;
  readonly transport: Transport;
  readonly worker: Pick<Worker, 'takeOnly' | 'handBack' | 'limit'>;
  /** Attempts at once. */
  readonly capacity: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Told of every emergency of this process. */
  readonly onEmergency?: (record: EmergencyRecord) => void;
  /** Changes for tests. */
  readonly more?: Partial<HardeningOptions>;
}

/**
 * Watches a worker process from now on. While resources are short it begins fewer attempts and leaves tasks of low priority to others.
 * In an emergency it hands back attempts of low priority and takes only tasks of high priority. Emergencies that a person declares are
 * heard of from the orchestrators.
 */
export function hardenWorker(options: HardenWorkerOptions): Hardening & AsyncDisposable {
  const { transport, worker, logger, metrics, more } = options;
  const begun = zeroed(metrics.counter('mainstay_emergencies_total'), 'trigger', EMERGENCY_TRIGGERS);
  const { profile, limits, journal } = processJournal({ ...options, begun });
  let decided: EnforcementDecision['leastPriority'] = 'low';
  // the first look comes before there is anything to ask
  const made: { hardening?: Hardening } = {};
  const hardening = createHardening({
    ...{ profile, limits, process: transport.name },
    onDecision: ({ concurrency, leastPriority, reasons }) => {
      worker.limit((options.capacity * concurrency) / profile.maxConcurrent);
      if (leastPriority !== decided) logger.info({ leastPriority, reasons }, 'what is taken on follows what resources allow');
      decided = leastPriority;
      if (made.hardening?.emergency.active !== true) worker.takeOnly(leastPriority);
    },
    emergency: {
      ...journal.ports,
      onChange: (record) => {
        journal.ports.onChange(record);
        options.onEmergency?.(record);
      },
      actions: {
        'cancel-low-priority': {
          enter: () => {
            worker.takeOnly('normal');
            worker.handBack('normal', 'An emergency: only work of high priority goes on here');
          },
        },
        'lock-down': {
          enter: () => {
            worker.takeOnly('high');
          },
          leave: () => {
            worker.takeOnly(decided);
          },
        },
        alert: journal.alert,
      },
    },
    ...more,
  });
  made.hardening = hardening;
  const channel = openEmergencyChannel(transport, (notice) => {
    hardening.emergency.heard(notice);
  });
  exposeHealth(metrics, hardening);
  const stray = metrics.counter('mainstay_stray_work_total');
  const unwatch = strayWork.on('stray', (operation) => {
    stray.inc({ operation });
    logger.warn({ operation }, 'work goes on although it was given up: it ignores its signal');
  });
  return Object.assign(hardening, {
    async [Symbol.asyncDispose]() {
      unwatch();
      channel[Symbol.dispose]();
      await hardening.close();
    },
  });
}
