/** What is promised, as a share of good events among all. */
export interface Objective {
  readonly name: string;
  /** Title for people. */
  readonly title: string;
  /** Share of good events, from 0 to 1. */
  readonly target: number;
  /** Counters: which events are bad, and which there are; `WINDOW` stands for the range. */
  readonly bad: string;
  readonly all: string;
  /** Series under which this share of the events is bad, and none is. */
  readonly badShare: number;
  readonly badSeries: Readonly<Record<string, string>>;
  readonly goodSeries: Readonly<Record<string, string>>;
}

const REQUESTS = 'mainstay_http_requests_total';
const DURATIONS = 'mainstay_http_request_duration_seconds';
const DELAYS = 'mainstay_run_start_delay_seconds';
/** A value a minute for a good two hours. */
const all = '0+100x140';
const most = '0+90x140';
const tenth = '0+10x140';

export const objectives: readonly Objective[] = [
  {
    name: 'api-availability',
    title: '99.95 % of the requests are answered without a server error',
    target: 0.9995,
    // no request has failed yet: there is no such series
    bad: `(sum(rate(${REQUESTS}{status=~"5.."}[WINDOW])) or vector(0))`,
    all: `sum(rate(${REQUESTS}[WINDOW]))`,
    badShare: 0.1,
    badSeries: { [`${REQUESTS}{status="200"}`]: most, [`${REQUESTS}{status="503"}`]: tenth },
    goodSeries: { [`${REQUESTS}{status="200"}`]: all, [`${REQUESTS}{status="503"}`]: '0x140' },
  },
  {
    name: 'api-latency',
    title: '99 % of the requests are answered within 500 ms',
    target: 0.99,
    bad: `(sum(rate(${DURATIONS}_count[WINDOW])) - sum(rate(${DURATIONS}_bucket{le="0.5"}[WINDOW])))`,
    all: `sum(rate(${DURATIONS}_count[WINDOW]))`,
    badShare: 0.5,
    badSeries: { [`${DURATIONS}_bucket{le="0.5"}`]: '0+50x140', [`${DURATIONS}_count`]: all },
    goodSeries: { [`${DURATIONS}_bucket{le="0.5"}`]: all, [`${DURATIONS}_count`]: all },
  },
  {
    name: 'run-success',
    title: '99 % of the runs that end succeed; cancelled ones are left out',
    target: 0.99,
    bad: 'sum(rate(mainstay_runs_total{status="failed"}[WINDOW]))',
    all: 'sum(rate(mainstay_runs_total{status=~"succeeded|failed"}[WINDOW]))',
    badShare: 0.5,
    badSeries: { 'mainstay_runs_total{status="succeeded"}': '0+50x140', 'mainstay_runs_total{status="failed"}': '0+50x140' },
    goodSeries: {
      'mainstay_runs_total{status="succeeded"}': all,
      'mainstay_runs_total{status="cancelled"}': all,
      'mainstay_runs_total{status="failed"}': '0x140',
    },
  },
  {
    name: 'start-delay',
    title: '99 % of the runs begin within a second',
    target: 0.99,
    bad: `(sum(rate(${DELAYS}_count[WINDOW])) - sum(rate(${DELAYS}_bucket{le="1"}[WINDOW])))`,
    all: `sum(rate(${DELAYS}_count[WINDOW]))`,
    badShare: 0.5,
    badSeries: { [`${DELAYS}_bucket{le="1"}`]: '0+50x140', [`${DELAYS}_count`]: all },
    goodSeries: { [`${DELAYS}_bucket{le="1"}`]: all, [`${DELAYS}_count`]: all },
  },
];
