/** What the guard tells of its tool. */
export type Verdict =
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'died'; readonly signal: string }
  | { readonly type: 'memory'; readonly rssBytes: number }
  | { readonly type: 'unstartable'; readonly code: string };

/** Reads the guard's line. A guard that said nothing was itself killed. */
export function parseVerdict(line: string): Verdict {
  let value: { type?: unknown; code?: unknown; signal?: unknown; rssBytes?: unknown };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    return { type: 'died', signal: 'an unknown signal' };
  }
  if (value.type === 'memory') return { type: 'memory', rssBytes: Number(value.rssBytes) };
  if (value.type === 'unstartable') return { type: 'unstartable', code: String(value.code) };
  if (typeof value.code === 'number') return { type: 'exit', code: value.code };
  return { type: 'died', signal: String(value.signal) };
}
