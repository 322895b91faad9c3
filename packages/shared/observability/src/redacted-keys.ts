/**
 * Names of fields whose values never reach a log, wherever they stand. Compared without case, `-` and `_`; declared once,
 * here.
 */
const REDACTED_KEYS = [
  'authorization',
  'proxyAuthorization',
  'cookie',
  'setCookie',
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'secrets',
  'clientSecret',
  'token',
  'accessToken',
  'refreshToken',
  'idToken',
  'bearer',
  'jwt',
  'apiKey',
  'xApiKey',
  'bootstrapAdminKey',
  'adminKey',
  'privateKey',
  'signingKey',
  'signingKeys',
  'secretKey',
  'encryptionKey',
  'keyMaterial',
  'credentials',
  'databaseUrl',
  'redisUrl',
  'connectionString',
  'mainstayApiKey',
  'mainstaySigningKeys',
  'mainstayBootstrapAdminKey',
  'sentryDsn',
  'otelExporterOtlpHeaders',
  'otelExporterOtlpTracesHeaders',
] as const;

const normalized: ReadonlySet<string> = new Set(REDACTED_KEYS.map(normalize));

/** Answers are kept for so many names of such a length: a program's fields have few, and text from outside must not fill the memory. */
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 64;
const known = new Map<string, boolean>();

/** True for the name of a field that must not be logged. */
export function isRedactedKey(key: string): boolean {
  const answer = known.get(key);
  if (answer !== undefined) return answer;
  const redacted = normalized.has(normalize(key));
  if (known.size < MAX_KNOWN && key.length <= MAX_KNOWN_LENGTH) known.set(key, redacted);
  return redacted;
}

function normalize(key: string): string {
  return key.replaceAll(/[-_]/g, '').toLowerCase();
}
