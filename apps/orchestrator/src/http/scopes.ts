/** What a key or token may do. `admin` includes all others. */
export const SCOPES = [
  'runs:read',
  'runs:write',
  'pipelines:read',
  'pipelines:write',
  'decisions:write',
  'agents:read',
  'dead-letters:read',
  'dead-letters:write',
  'errors:read',
  'errors:write',
  'audit:read',
  'metrics:read',
  'profiles:write',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** The tenant of the one who operates the installation: its admins also manage the installation itself. */
export const OPERATOR_TENANT = 'default';
