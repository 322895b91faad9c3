import { MainstayError, toMainstayError } from '@mainstay/types';
import { toCursor } from '../../store/page.ts';
import type { DeadLetterFilter, DeadLetterRow, PageRequest } from '../../store/store.ts';
import type { Principal } from '../auth/principal.ts';
import type { Services } from '../services.ts';
import type { TraceContext } from '../trace-context.ts';

export interface RedriveResult {
  readonly matched: number;
  readonly redriven: number;
  readonly runs: number;
  readonly already: number;
  readonly failed: readonly { readonly id: string; readonly run: string; readonly code: string; readonly message: string }[];
  readonly cursor?: string;
}

/** Who asks, and what it takes. */
export interface RedriveCall {
  readonly principal: Pick<Principal, 'tenant' | 'name'>;
  readonly trace: Pick<TraceContext, 'correlationId'>;
  readonly services: Pick<Services, 'clock'> & {
    readonly engine: Pick<Services['engine'], 'act'>;
    readonly store: Pick<Services['store'], 'deadLetters'>;
  };
}

type Fate = 'redriven' | 'already' | MainstayError;

/** Runs that are redriven at the same time. */
const AT_ONCE = 8;
/** No further ones are begun after this time. */
const BUDGET_MS = 5_000;

/**
 * Redrives the dead letters that wait and match, the newest first, for about five seconds. Each is done or not done, whatever happens to
 * the others; after a crash the rest still waits. The cursor goes on below the last one, so what dies again meanwhile is not met again.
 */
export async function redriveMany(call: RedriveCall, filter: DeadLetterFilter, request: PageRequest): Promise<RedriveResult> {
  const { principal, services } = call;
  const page = await services.store.deadLetters(principal.tenant, request, { ...filter, status: 'waiting' });
  const endAt = services.clock.monotonic() + BUDGET_MS;
  const runs = new Map<string, Promise<Fate>>();
  const done: { readonly letter: DeadLetterRow; readonly fate: Fate }[] = [];
  for (let from = 0; from < page.items.length && (from === 0 || services.clock.monotonic() < endAt); from += AT_ONCE) {
    const piece = page.items.slice(from, from + AT_ONCE);
    done.push(...(await Promise.all(piece.map(async (letter) => ({ letter, fate: await redriveRun(call, letter, runs) })))));
  }
  const last = done.at(-1)?.letter.id;
  const cursor = done.length < page.items.length && last !== undefined ? toCursor(last) : page.cursor;
  const fates = await Promise.all(runs.values());
  return {
    matched: done.length,
    redriven: done.filter(({ fate }) => fate === 'redriven').length,
    runs: fates.filter((fate) => fate === 'redriven').length,
    already: done.filter(({ fate }) => fate === 'already').length,
    failed: done.flatMap(({ letter: { id, run }, fate }) =>
      fate instanceof MainstayError ? [{ id, run, code: fate.code, message: fate.message }] : [],
    ),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** A run that goes on takes all its dead tasks along, so each is asked once. */
function redriveRun(call: RedriveCall, letter: DeadLetterRow, runs: Map<string, Promise<Fate>>): Promise<Fate> {
  const known = runs.get(letter.run);
  if (known !== undefined) return known;
  const fate = redriveOne(call, letter);
  runs.set(letter.run, fate);
  return fate;
}

async function redriveOne(
  { principal, trace: { correlationId }, services: { engine } }: RedriveCall,
  { run, stage }: DeadLetterRow,
): Promise<Fate> {
  try {
    await engine.act(principal.tenant, run, { type: 'redrive', task: stage, by: principal.name, correlationId });
    return 'redriven';
  } catch (thrown) {
    const error = toMainstayError(thrown);
    return error.code === 'DEAD_LETTER_NOT_FOUND' || error.code === 'RUN_NOT_FOUND' ? 'already' : error;
  }
}
