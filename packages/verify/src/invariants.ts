/** What must hold of every database of Mainstay, by the code under which a breach is reported. */
export const INVARIANTS = {
  ROW_UNREADABLE: 'what is stored can be read',
  EVENT_GAP: 'the events of a run are numbered 1, 2, 3, … without gaps up to the number of the run',
  EVENT_ORDER: 'a run begins with run.created, and after its end come only the events of a retry',
  TASK_SUCCEEDED_TWICE: 'a task succeeds at most once',
  OLD_FENCE: 'what an attempt brings about carries the fence of the latest dispatch, and fences grow by one',
  TASK_TRANSITION: 'a task goes only from a state to one that may follow',
  RUN_STATUS: 'the status of a run is the one that its events lead to',
  TASK_STATE: 'the stored state of a task is the one that its events lead to',
  TASK_UNKNOWN: 'every task is a stage of its pipeline',
  FINAL_UNFINISHED: 'a run that has ended has only tasks that have ended, no open decision and nothing due',
  FINAL_FIELDS: 'a run has an end time exactly if it ended, an output exactly if it succeeded, an error exactly if it failed',
  SUCCEEDED_WITHOUT: 'a run that succeeded has every stage succeeded or skipped',
  OUTPUT_DIFFERS: 'the output of a run is formed from the accepted outputs of its tasks',
  RUN_STUCK: 'an unfinished run has something that moves it on: an attempt under way, a decision, or a due time',
  OUTSTANDING_UNMARKED: 'of every attempt under way it is known who dispatched it, and of nothing else',
  SLOT_WRONG: 'an active run of a limited pipeline holds a slot, and no other run does',
  SLOTS_MISCOUNTED: 'the number of slots taken of a pipeline is the number of runs that hold one',
  DEAD_LETTER_MISMATCH: 'each task that died has its dead letter, and each dead letter its event',
  DECISION_MISMATCH: 'a decision is open exactly as long as a task waits on it',
  CHECKPOINT_LEFT: 'a checkpoint belongs to a task that may still go on from it',
  KEY_MISMATCH: 'the idempotency key of a run leads to that run',
  TENANT_DIFFERS: 'what belongs to a run belongs to its tenant',
  PIPELINE_MISSING: 'the version of the pipeline that a run began with is there',
  ORPHAN: 'there is nothing that belongs to a run which is not there',
} as const;

export type InvariantCode = keyof typeof INVARIANTS;

/** A breach of an invariant. */
export interface Finding {
  readonly code: InvariantCode;
  /** Id of the run; none for what belongs to no single run. */
  readonly run?: string;
  readonly tenant?: string;
  readonly stage?: string;
  /** What is wrong, in words and with the values found. */
  readonly message: string;
}

/** Takes findings of one run. */
export type Report = (code: InvariantCode, message: string, stage?: string) => void;
