import type { RunEvent } from '../client/views.ts';
import type { OpenDecision, RunModel } from '../render/run-model.ts';

/** Shows a run while it is watched. */
export interface Display {
  event(event: RunEvent, model: RunModel): void;
  /** The model changed without an event: a decision's options became known. */
  refresh(model: RunModel): void;
  decision(decision: OpenDecision): void;
  missing(kinds: ReadonlyMap<string, number>): void;
  /** The connection is lost (with what to say of it), or back. */
  connection(lost: string | undefined): void;
  note(text: string): void;
  /** Gives the terminal to somebody else until `resume`. */
  suspend(): void;
  resume(): void;
  /** Leaves the last picture. */
  end(): void;
}
