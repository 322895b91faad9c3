import { ValidationError } from '@mainstay/types';

/** The query of a request target. A parameter that occurs twice is refused: nobody could say which one counts. */
export function readQuery(target: string): Readonly<Record<string, string>> {
  const mark = target.indexOf('?');
  if (mark < 0) return {};
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(target.slice(mark + 1))) {
    if (query.has(name)) {
      const message = `The query parameter ${JSON.stringify(name.slice(0, 100))} occurs twice`;
      throw new ValidationError('VALIDATION_FAILED', message, {
        details: { issues: [{ path: `/${name.slice(0, 100)}`, problem: message, in: 'query' }] },
      });
    }
    query.set(name, value);
  }
  return Object.fromEntries(query);
}
