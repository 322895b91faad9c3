import type { EmergencyJournal, Hardening } from '@mainstay/hardening';
import type { Health } from '@mainstay/lifecycle';
import type { Logger, Metrics, Tracing } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import type { AuditNotes } from '../audit/audit-notes.ts';
import type { ProcessControl } from '../control/process-control.ts';
import type { Engine } from '../engine/engine.ts';
import type { Pipelines } from '../engine/pipelines.ts';
import type { Retention } from '../maintenance/retention.ts';
import type { Store } from '../store/store.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { EndsFeeds } from './ends/ends-feed.ts';
import type { StreamSlots } from './events/stream-slots.ts';
import type { QueueLook } from './queue-look.ts';
import type { RunAdmission } from './run-admission.ts';

/** What handlers work with. */
export interface Services {
  readonly engine: Engine;
  readonly store: Store;
  readonly health: Health;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Undefined: traces are off. */
  readonly tracing: Tracing | undefined;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Version of the program. */
  readonly version: string;
  readonly breakers: () => readonly { readonly name: string; readonly state: string }[];
  readonly authenticator: Authenticator;
  readonly queues: QueueLook;
  readonly pipelines: Pipelines;
  readonly retention: Retention;
  readonly streams: StreamSlots;
  /** Ends of runs as they happen. */
  readonly ends: EndsFeeds;
  /** Health and emergency mode of this process. */
  readonly hardening: Hardening;
  /** What happened to it last. */
  readonly journal: EmergencyJournal;
  /** What operators can have processes do. */
  readonly control: ProcessControl;
  readonly admission: RunAdmission;
  /** Records of what is done to processes; what is done to the database is recorded with it. */
  readonly audit: AuditNotes;
  /** The OpenAPI document, as JSON text. */
  readonly openApi: string;
  /** The reference page. */
  readonly docsPage: string;
}
