export interface RunIdOptions {
  readonly newId: () => string;
  /** Whether the results of a run of that id come to this orchestrator. */
  readonly owns: (id: string) => boolean;
  /** Whether runs should stay here: this orchestrator takes results and does not lag behind with them. */
  readonly keeps: () => boolean;
}

/** With one lane of four, one run in a hundred goes to another orchestrator all the same. */
const MAX_TRIES = 16;

/**
 * An id for a new run, of a lane of this orchestrator if it keeps the run: its state is in this process already, and any other would have
 * to read it. A busy orchestrator leaves it to chance, so that others help with what it is sent.
 */
export function newRunId({ newId, owns, keeps }: RunIdOptions): string {
  let id = newId();
  if (!keeps()) return id;
  for (let tries = 1; tries < MAX_TRIES && !owns(id); tries++) id = newId();
  return id;
}
