import type { Metrics } from '@mainstay/observability';
import type { AuditNotes } from './audit-notes.ts';

/** Shows how many records wait for the database, as it is at each scrape. */
export function auditMetrics(metrics: Metrics, notes: Pick<AuditNotes, 'waiting'>): void {
  const waiting = metrics.gauge('mainstay_audit_records_waiting');
  metrics.onScrape(() => {
    waiting.set(notes.waiting);
  });
}
