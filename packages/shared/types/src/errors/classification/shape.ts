/** Anything with properties, of a library that is not imported. */
export type Shape = Readonly<Record<string, unknown>>;

/** Causes nested deeper than this are not looked at. */
export const DEEPEST_CAUSE = 5;

export function isShape(value: unknown): value is Shape {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A property that is text; undefined for all else. */
export function textOf(value: unknown, key: string): string | undefined {
  const text = isShape(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** A property that is an object; undefined for all else. */
export function shapeOf(value: unknown, key: string): Shape | undefined {
  const inner = isShape(value) ? value[key] : undefined;
  return isShape(inner) ? inner : undefined;
}

/** The thrown value and its causes, outermost first. Ends at {@link DEEPEST_CAUSE}, also of values that are their own cause. */
export function causesOf(thrown: unknown): Shape[] {
  const chain: Shape[] = [];
  for (let error = thrown; isShape(error) && chain.length < DEEPEST_CAUSE; error = error['cause']) chain.push(error);
  return chain;
}
