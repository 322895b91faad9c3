import { MainstayError } from '@mainstay/types';
import type { Hardening } from '@mainstay/hardening';
import { type Metrics, zeroed } from '@mainstay/observability';
import { priorityClass } from '../pipeline/model.ts';

/** Refuses runs by their priority while resources are short or an emergency lasts. */
export interface RunAdmission {
  /** @throws OverloadError `OVERLOADED`, `EMERGENCY` or `SHUTTING_DOWN`. */
  check(priority: number | undefined): void;
}

export function createRunAdmission(hardening: Pick<Hardening, 'admit'>, metrics: Metrics): RunAdmission {
  const shed = zeroed(metrics.counter('mainstay_submissions_shed_total'), 'code', ['OVERLOADED', 'EMERGENCY', 'SHUTTING_DOWN']);
  return {
    check(priority = 0) {
      try {
        hardening.admit('submission', priorityClass(priority));
      } catch (error) {
        if (error instanceof MainstayError) shed.inc({ code: error.code });
        throw error;
      }
    },
  };
}
