import {
  EMERGENCY_TRIGGERS,
  createHardening,
  type EmergencyJournal,
  type Hardening,
  type HardeningOptions,
  processJournal,
  type ProfileName,
} from '@mainstay/hardening';
import type { Health } from '@mainstay/lifecycle';
import { exposeHealth, type Logger, type Metrics, zeroed } from '@mainstay/observability';
import { openEmergencyChannel, type Transport } from '@mainstay/transport';
import { type Clock, strayWork, systemClock } from '@mainstay/utils';
import type { AuditNotes } from '../audit/audit-notes.ts';
import { auditWorkerEmergencies, emergencyAudit } from '../audit/emergency-audit.ts';
import type { HostedEngine } from '../engine/hosted-engine.ts';
import { OPERATOR_TENANT } from '../http/scopes.ts';
import { systemComponents } from './system-components.ts';

export interface HardenOptions {
  readonly profile: ProfileName | undefined;
  readonly memoryLimitBytes?: number | undefined;
  readonly transport: Transport;
  readonly engine: HostedEngine;
  readonly health: Health;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly audit: AuditNotes;
  readonly clock?: Clock;
  /** Changes for tests. */
  readonly more?: Partial<HardeningOptions>;
}

/** The hardening of an orchestrator, with what it tells. */
export interface HardenedOrchestrator extends AsyncDisposable {
  readonly hardening: Hardening;
  readonly journal: EmergencyJournal;
}

/** An emergency that was not told again for so long is forgotten; it is told three times in this time. */
const ANNOUNCEMENT_TTL_MS = 30_000;

/**
 * Watches this process from now on: its health with that of the system, and emergency mode. One that a person begins or ends is told to
 * all orchestrators and workers, and theirs is heard of here. Emergencies are written down, those of workers too.
 */
export function hardenOrchestrator(options: HardenOptions): HardenedOrchestrator {
  const { transport, engine, health, logger, metrics, audit, clock = systemClock, more } = options;
  const begun = zeroed(metrics.counter('mainstay_emergencies_total'), 'trigger', EMERGENCY_TRIGGERS);
  const { profile, limits, journal } = processJournal({ ...options, begun });
  const channel = openEmergencyChannel(transport, (notice) => {
    hardening.emergency.heard(notice);
  });
  const hardening = createHardening({
    ...{ profile, limits, clock, process: transport.name },
    components: systemComponents({ health, engine, clock }),
    emergency: {
      ...journal.ports,
      audit: emergencyAudit(audit, OPERATOR_TENANT),
      announcementTtlMs: ANNOUNCEMENT_TTL_MS,
      announce: (notice) => channel.announce(notice),
      actions: {
        'clear-caches': {
          enter: () => {
            engine.clearCaches();
          },
        },
        alert: journal.alert,
      },
    },
    ...more,
  });
  const unhear = auditWorkerEmergencies(transport, audit, OPERATOR_TENANT);
  exposeHealth(metrics, hardening);
  const stray = metrics.counter('mainstay_stray_work_total');
  const unwatch = strayWork.on('stray', (operation) => {
    stray.inc({ operation });
    logger.warn({ operation }, 'work goes on although it was given up: it ignores its signal');
  });
  return {
    hardening,
    journal,
    async [Symbol.asyncDispose]() {
      unwatch();
      unhear();
      channel[Symbol.dispose]();
      await hardening.close();
    },
  };
}
