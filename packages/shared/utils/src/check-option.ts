import { ConfigurationError } from '@mainstay/types';

/** Bounds of a numeric option. */
export interface NumberBounds {
  readonly min: number;
  /** Default: no upper bound. */
  readonly max?: number;
  readonly integer?: boolean;
}

/**
 * Returns the value when it is a number within the bounds.
 * @throws ConfigurationError `CONFIG_INVALID` that names the option and the value.
 */
export function checkNumber(owner: string, option: string, value: number, bounds: NumberBounds): number {
  const max = bounds.max ?? Number.POSITIVE_INFINITY;
  const fits = value >= bounds.min && value <= max && (!bounds.integer || Number.isInteger(value) || value === Number.POSITIVE_INFINITY);
  if (fits) return value;
  const kind = bounds.integer ? 'an integer' : 'a number';
  const range = max === Number.POSITIVE_INFINITY ? `of at least ${bounds.min}` : `from ${bounds.min} to ${max}`;
  throw new ConfigurationError('CONFIG_INVALID', `${owner}: option ${option} must be ${kind} ${range}, not ${String(value)}`, {
    details: { owner, option, value: String(value) },
  });
}
