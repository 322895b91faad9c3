/** What a process uses at one moment. */
export interface ResourceSample {
  /** Milliseconds of a clock that never goes back. */
  readonly atMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly heapLimitBytes: number;
  /** What the process may hold: the profile's limit, or that of the control group where it is lower. */
  readonly memoryLimitBytes: number;
  /** Share of the limit in use, of the heap's limit, or of the control group's: whichever is largest. */
  readonly memoryShare: number;
  /** CPU time since the sample before, as a share of the cores that the process may have. */
  readonly cpuShare: number;
  /** Share of the time in which the event loop was busy since the sample before. */
  readonly loopUtilization: number;
  /** Event-loop delay since the sample before, 99th percentile, the sampling interval taken off. */
  readonly loopLagMs: number;
  /** Timers, sockets, files, …; counted now and then only. */
  readonly handles: number;
}
