import type { Tone } from './line.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPIN_MS = 100;

export interface Look {
  readonly symbol: string;
  readonly tone: Tone;
}

/** How a status of a run or a task looks at the moment `now`. */
export function lookOf(status: string, now: number): Look {
  switch (status) {
    case 'succeeded':
      return { symbol: '✔', tone: 'good' };
    case 'failed':
    case 'dead':
      return { symbol: '✖', tone: 'bad' };
    case 'running':
      return { symbol: SPINNER[Math.floor(now / SPIN_MS) % SPINNER.length] ?? '•', tone: 'accent' };
    case 'waiting':
      return { symbol: '?', tone: 'warn' };
    case 'ready':
      return { symbol: '↻', tone: 'warn' };
    case 'paused':
    case 'suspended':
      return { symbol: '‖', tone: 'warn' };
    case 'skipped':
      return { symbol: '–', tone: 'dim' };
    case 'cancelled':
      return { symbol: '⊘', tone: 'warn' };
    case 'dispatched':
      return { symbol: '◌', tone: 'accent' };
    default:
      return { symbol: '·', tone: 'dim' };
  }
}

/** A bar of `width` columns. */
export function bar(fraction: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
