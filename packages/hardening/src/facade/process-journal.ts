import { type EmergencyJournal, type EmergencyLogger, createEmergencyJournal } from '../emergency/emergency-journal.ts';
import type { ProfileName } from '../profiles/profiles.ts';
import { processProfile, type ProcessProfile } from './process-profile.ts';

export interface ProcessJournalOptions {
  readonly profile: ProfileName | undefined;
  readonly memoryLimitBytes?: number | undefined;
  readonly logger: EmergencyLogger;
  /** Counts emergencies by what began them. */
  readonly begun: { inc(labels: { readonly trigger: string }): void };
}

/** What the hardening of every process begins with: its profile and limits, and a journal of its emergencies, which counts them. */
export function processJournal(options: ProcessJournalOptions): ProcessProfile & { readonly journal: EmergencyJournal } {
  const { logger, begun } = options;
  const journal = createEmergencyJournal({
    logger,
    onEntered: (triggers) => {
      for (const trigger of triggers) begun.inc({ trigger });
    },
  });
  return { ...processProfile(options.profile, options.memoryLimitBytes), journal };
}
