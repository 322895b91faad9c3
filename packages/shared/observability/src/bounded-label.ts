/** What stands for all values beyond the bound. */
export const OTHER = 'other';

/**
 * Keeps the values of a label few, whatever programs and users choose: the first `max` different ones stay as they are, all others
 * become {@link OTHER}. Values are cut to 100 characters. Each new value is a series that lives as long as its process.
 */
export function boundedLabel(max = 200): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    const short = value.length <= MAX_LENGTH ? value : value.slice(0, MAX_LENGTH);
    if (known.has(short)) return short;
    if (known.size >= max) return OTHER;
    known.add(short);
    return short;
  };
}

const MAX_LENGTH = 100;
