/** Counts by name, greatest first; names with equal counts in their own order. */
export function tally(names: Iterable<string>): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** At most `max` characters, without NUL characters (databases refuse them); a cut is marked with `…`. */
export function clip(text: string, max: number): string {
  const clean = text.replaceAll('\0', '');
  return clean.length <= max ? clean : `${clean.slice(0, max - 1)}…`;
}

/** `1 file`, `2 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
