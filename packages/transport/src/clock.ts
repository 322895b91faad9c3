/** What the transport needs of a clock; `Clock` of `@mainstay/utils` satisfies it. */
export interface TransportClock {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** The machine's timers. They do not keep a process alive. */
export const systemTimers: TransportClock = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};
