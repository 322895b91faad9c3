import type { Clock } from '@mainstay/utils';

/** What the transport needs of a clock. */
export type TransportClock = Pick<Clock, 'monotonic' | 'setTimeout' | 'clearTimeout'>;
