/** Milliseconds since 1970 as the API writes times. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** `{}` without the members that are undefined. */
export function defined<T extends Readonly<Record<string, unknown>>>(members: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** A time that may be missing. */
export function isoIf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : iso(ms);
}
