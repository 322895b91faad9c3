import type { YamlValue } from '../yaml.ts';

/** A time that comes again, in UTC. */
export interface Window {
  readonly name: 'maintenance' | 'out-of-hours';
  readonly times: readonly { readonly weekdays: readonly string[]; readonly from: string; readonly to: string }[];
}

/** An installation puts its own times. A single window is a silence: `amtool silence add`. */
export const windows: readonly Window[] = [
  { name: 'maintenance', times: [{ weekdays: ['sunday'], from: '02:00', to: '04:00' }] },
  {
    name: 'out-of-hours',
    times: [
      { weekdays: ['monday:friday'], from: '00:00', to: '06:00' },
      { weekdays: ['monday:friday'], from: '20:00', to: '24:00' },
      { weekdays: ['saturday', 'sunday'], from: '00:00', to: '24:00' },
    ],
  },
];

export function timeIntervals(): YamlValue {
  return windows.map(({ name, times }) => ({
    name,
    time_intervals: times.map(({ weekdays, from, to }) => ({ weekdays, times: [{ start_time: from, end_time: to }] })),
  }));
}
