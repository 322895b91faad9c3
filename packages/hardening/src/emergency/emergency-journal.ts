import type { EmergencyPorts, EmergencyRecord } from './emergency.ts';
import type { ActionHandler } from './emergency-actions.ts';
import type { EmergencyTrigger } from './emergency-rule.ts';

/** What is needed of a logger; a pino logger fits. */
export interface EmergencyLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface JournalOptions {
  readonly logger: EmergencyLogger;
  /** Metrics: an emergency began for these reasons. */
  readonly onEntered?: (triggers: readonly EmergencyTrigger[]) => void;
}

/** Tells of every emergency of a process: in the log, in metrics, and to whoever asks for the last records. */
export interface EmergencyJournal {
  /** Ports of emergency mode. */
  readonly ports: Required<Pick<EmergencyPorts, 'onChange' | 'onTrouble'>>;
  /** The action `alert`: one line of level error, for alerting on logs. */
  readonly alert: ActionHandler;
  /** The last records, the newest first. */
  recent(): readonly EmergencyRecord[];
}

/** Records that are kept. */
const KEPT = 20;

export function createEmergencyJournal({ logger, onEntered }: JournalOptions): EmergencyJournal {
  const kept: EmergencyRecord[] = [];
  return {
    ports: {
      onChange(record) {
        kept.unshift(record);
        kept.length = Math.min(kept.length, KEPT);
        if (record.change === 'entered') {
          logger.warn({ emergency: record }, 'an emergency begins: only work of high priority is taken');
          onEntered?.(record.triggers);
        } else if (record.change === 'left') logger.info({ emergency: record }, 'the emergency is over');
        else logger.info({ emergency: record }, 'what was to be done about the emergency was done');
      },
      onTrouble(what, error) {
        logger.warn({ err: error, port: what }, 'a port of emergency mode failed');
      },
    },
    alert: {
      enter() {
        const entered = kept.find(({ change }) => change === 'entered');
        logger.error({ triggers: entered?.triggers ?? [], reason: entered?.reason }, 'EMERGENCY: this process needs attention');
      },
    },
    recent: () => [...kept],
  };
}
