import { createHardening } from '@mainstay/hardening';
import { createBreaker, createPolicy, createRetry, createTimeouts, withTimeout } from '@mainstay/utils';

export type Work = () => Promise<number>;
export type Call = () => Promise<unknown>;
/** Makes what calls the work under something. */
export type MakeCall = (work: Work) => Call;
/** Makes a breaker and gives what calls through it. */
export type MakeBreaker = (name: string) => (work: Work) => Promise<unknown>;

const TIMEOUT_MS = 10_000;
/** What is never refused, however little memory the process that measures has left. */
const URGENT = { priority: 'high' } as const;

export const BARE = 'bare async';
/** Retry, breaker and timeout together, which is what the bars are about. */
export const OURS = 'Mainstay retry(breaker), timeout';
/** Everything at once: what a process wraps each of its operations in. */
export const FACADE = 'Mainstay facade: execute';
export const THEIRS = 'cockatiel wrap(retry, breaker, timeout)';

/** What is measured of ours, by name. */
export const ours: Readonly<Record<string, MakeCall>> = {
  [BARE]: (work) => work,
  'Mainstay retry': (work) => {
    const retry = createRetry();
    return () => retry.run(work);
  },
  'Mainstay breaker': (work) => {
    const breaker = createBreaker('bench');
    return () => breaker.execute(work);
  },
  'Mainstay timeout': (work) => () => withTimeout(work, TIMEOUT_MS),
  [OURS]: (work) => {
    const retry = createRetry({ attemptTimeoutMs: TIMEOUT_MS });
    const breaker = createBreaker('bench');
    return () => retry.run((attempt) => breaker.execute(work, attempt));
  },
  'Mainstay policy (the same)': (work) => {
    const policy = createPolicy('bench');
    return () => policy.execute(work);
  },
  'Mainstay policy with bulkhead': (work) => {
    const policy = createPolicy('bench', { bulkhead: {} });
    return () => policy.execute(work);
  },
  'Mainstay timeouts.run (a deadline for all inside)': (work) => {
    const timeouts = createTimeouts();
    return () => timeouts.run('operation', work);
  },
  [FACADE]: (work) => {
    const hardening = createHardening('production');
    return () => hardening.execute('bench', work, URGENT);
  },
  'Mainstay facade: execute, by tenant, its signal used': (work) => {
    const hardening = createHardening('production');
    const context = { tenant: 'bench' };
    return () =>
      hardening.execute(
        'bench',
        ({ signal }) => {
          signal.throwIfAborted();
          return work();
        },
        { ...URGENT, context, idempotent: true, timeoutMs: 5_000 },
      );
  },
};

/** The peers' subjects; they have packages of their own. */
export const peerNames = [
  'p-retry',
  'opossum',
  'opossum, timeout',
  'p-retry(opossum, timeout)',
  'cockatiel retry',
  'cockatiel breaker',
  'cockatiel timeout',
  THEIRS,
] as const;

export const subjectNames: readonly string[] = [...Object.keys(ours), ...peerNames];

export const breakerNames = ['Mainstay', 'opossum', 'cockatiel'] as const;

interface PeerModule {
  readonly subjects: Readonly<Record<string, MakeCall>>;
  readonly breakers: Readonly<Record<string, MakeBreaker>>;
}

const peers = async (): Promise<PeerModule> =>
  (await import(new URL('../../peers-resilience/subjects.mjs', import.meta.url).href)) as PeerModule;

/** @throws Error for a name that is not among {@link subjectNames} */
export async function subjectNamed(name: string): Promise<MakeCall> {
  return found(name, ours[name] ?? (await peers()).subjects[name]);
}

/** @throws Error for a name that is not among {@link breakerNames} */
export async function breakerNamed(name: string): Promise<MakeBreaker> {
  if (name !== 'Mainstay') return found(name, (await peers()).breakers[name]);
  return (breakerName) => {
    const breaker = createBreaker(breakerName);
    return (work) => breaker.execute(work);
  };
}

function found<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`There is nothing to measure by the name ${name}`);
  return value;
}
