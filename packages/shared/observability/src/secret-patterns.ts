import { hexDigits, isUuid } from '@mainstay/types';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** `scheme://user:password@host`. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@"\\]{0,256}:)[^\s/@"\\]{1,512}@/gi;
/** The credentials of an Authorization header. */
const CREDENTIALS = /\b(authorization\W{1,5}basic\s{1,5}|bearer\s{1,5}(?=[\w.~+/=-]{16}))[\w.~+/=-]{1,8192}/gi;
/** `password=…` in connection strings, queries and options. */
const PARAMETER =
  /((?:^|[?&;,\s])(?:password|passwd|pwd|secret|client_secret|token|access_token|refresh_token|api[-_]?key)=)[^&;,\s"'\\]{1,512}/gi;
/** Keys and tokens that can be known by their form: ours, those of large providers, and JSON Web Tokens. */
const KEYS =
  /(?<![A-Za-z0-9])(?:mst_[\w-]{20,200}|sk-[\w-]{20,200}|gh[pousr]_\w{30,100}|github_pat_\w{20,200}|glpat-[\w-]{20,100}|npm_\w{36}|xox[abeprs]-[\w-]{10,200}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|eyJ[\w-]{8,4000}\.eyJ[\w-]{4,8000}\.[\w-]{0,2000})/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;
/** Not the user of a URL, nor a package with its version. */
const EMAIL = /(?<![\w.+-]|\/\/)[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])/gi;
/** 14 to 19 digits as cards have them, in one piece or in groups. */
const CARD = /(?<![\w.-])[2-6]\d{3}(?:\d{10,15}|(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?|[ -]\d{6}[ -]\d{4,5})(?![\w-])/g;

/** Whatever the patterns find has one of these: most texts have none, and need not be looked through eight times. */
const SUSPICIOUS =
  /[@=]|[Bb]earer|BEARER|[Bb]asic|BASIC|mst_|sk-|gh[pousr]_|_pat_|glpat-|npm_|xox|AKIA|ASIA|AIza|eyJ|-----BEGIN|[2-6]\d{3}(?:(?:[ -]?\d{4}){2}|[ -]\d{6})/;
/** The shortest secret: `a@b.co`. */
const MIN_LENGTH = 6;
const TRACE_ID = new RegExp(`^${hexDigits(32)}$`);

/** Of a run, a correlation or a trace: most of what a line holds. None of the forms fits in, and to find that out takes many times as long. */
function isId(text: string): boolean {
  return text.length === 36 ? isUuid(text) : text.length === 32 && TRACE_ID.test(text);
}

/** The text without secrets that are known by their form. */
export function hideSecrets(text: string): string {
  if (text.length < MIN_LENGTH || isId(text) || !SUSPICIOUS.test(text)) return text;
  return hideCredentials(text)
    .replace(PARAMETER, `$1${REDACTED}`)
    .replace(KEYS, REDACTED)
    .replace(PRIVATE_KEY, REDACTED)
    .replace(EMAIL, REDACTED)
    .replace(CARD, hideCard);
}

/** A short last group may be another number that follows. */
function hideCard(digits: string): string {
  if (isCardNumber(digits)) return REDACTED;
  const follows = /[ -]\d{1,3}$/.exec(digits)?.[0] ?? '';
  return follows !== '' && isCardNumber(digits.slice(0, -follows.length)) ? `${REDACTED}${follows}` : digits;
}

/** What {@link CREDENTIALS} finds has one of these, in any case; a line without is not searched through again. Classes take half the time of a flag. */
const SCHEME = /[Bb][Ee][Aa][Rr][Ee][Rr]|[Bb][Aa][Ss][Ii][Cc]/;

/** The text without passwords of URLs and credentials of Authorization headers; what was JSON stays JSON. */
export function hideCredentials(text: string): string {
  const withoutUrls = text.includes('://') ? text.replace(URL_PASSWORD, `$1${REDACTED}@`) : text;
  return SCHEME.test(withoutUrls) ? withoutUrls.replace(CREDENTIALS, `$1${REDACTED}`) : withoutUrls;
}

/** 14 to 19 digits, perhaps in groups, that pass Luhn's check. */
export function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '');
  return /^[2-6]\d{13,18}$/.test(digits) && luhnSum(digits) % 10 === 0;
}

function luhnSum(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
  }
  return sum;
}
