/** A duration of `ms` milliseconds in at most six characters or so: `0.4s`, `12.3s`, `3m05s`, `2h07m`, `4d03h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h${two(Math.floor(whole / 60) % 60)}m`;
  return `${Math.floor(whole / 86_400)}d${two(Math.floor(whole / 3_600) % 24)}h`;
}

/** Whole seconds of waiting, rounded up: `28s`, `3m05s`. */
export function countdown(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / 1_000));
  return whole < 60 ? `${whole}s` : duration(whole * 1_000);
}

/** How long ago: `5s ago`, `3m ago`, `2h ago`, `4d ago`. */
export function ago(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1_000));
  if (Number.isNaN(seconds)) return at;
  if (seconds < 60) return `${seconds}s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
