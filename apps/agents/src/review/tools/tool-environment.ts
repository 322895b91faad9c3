/** What programs need to find themselves and their folders. Everything else may hold secrets and is not handed on. */
const KEPT_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'SystemRoot'] as const;

/** The environment of a tool: never the worker's own, only its search paths and what the call adds. */
export function toolEnvironment(
  extra: Readonly<Record<string, string>> = {},
  // eslint-disable-next-line no-restricted-properties -- search paths for child processes are no configuration of ours
  own: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const kept = KEPT_VARIABLES.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...extra };
}
