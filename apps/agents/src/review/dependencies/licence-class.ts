export type LicenceClass = 'permissive' | 'weak' | 'strong' | 'none' | 'unknown';

const STRONG = /^(AGPL|GPL|SSPL|OSL|EUPL|CC-BY-NC|BUSL|RPL)/i;
const WEAK = /^(LGPL|MPL|EPL|CDDL|CPL|MS-RL|CC-BY-SA)/i;
const PERMISSIVE =
  /^(MIT|ISC|BSD|0BSD|Apache|Unlicense|CC0|CC-BY(-\d|$)|Zlib|Python|PSF|BlueOak|WTFPL|Artistic|BSL-1|X11|PostgreSQL|Unicode|NCSA|AFL|MIT-0|OFL|curl|Ruby)/i;
const ORDER: readonly LicenceClass[] = ['permissive', 'unknown', 'weak', 'strong', 'none'];

function classOfOne(name: string): LicenceClass {
  const id = name.trim();
  if (id === '' || /^(UNLICENSED|NONE|NOASSERTION)$/i.test(id)) return 'none';
  if (STRONG.test(id)) return 'strong';
  if (WEAK.test(id)) return 'weak';
  return PERMISSIVE.test(id) ? 'permissive' : 'unknown';
}

const strictest = (classes: readonly LicenceClass[]): LicenceClass =>
  classes.reduce<LicenceClass>((worst, one) => (ORDER.indexOf(one) > ORDER.indexOf(worst) ? one : worst), 'permissive');
const freest = (classes: readonly LicenceClass[]): LicenceClass =>
  classes.reduce<LicenceClass>((best, one) => (ORDER.indexOf(one) < ORDER.indexOf(best) ? one : best), 'none');

/**
 * What an SPDX expression asks of those who pass the software on. Where there is a choice (OR), the freest counts;
 * where all hold (AND), the strictest. AND binds tighter than OR; an exception (WITH) leaves the class as it is.
 */
export function classifyLicence(expression: string): LicenceClass {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const isWord = (word: string): boolean => tokens[at]?.toUpperCase() === word;
  const term = (depth: number): LicenceClass => {
    if (tokens[at] === '(' && depth < 50) {
      at += 1;
      const inner = either(depth + 1);
      if (tokens[at] === ')') at += 1;
      return inner;
    }
    const words: string[] = [];
    while (at < tokens.length && tokens[at] !== '(' && tokens[at] !== ')' && !isWord('AND') && !isWord('OR'))
      words.push(tokens[at++] ?? '');
    if (words.length === 0 && tokens[at] === '(') at += 1;
    return classOfOne(words.join(' '));
  };
  const all = (depth: number): LicenceClass => {
    const classes = [term(depth)];
    while (isWord('AND')) {
      at += 1;
      classes.push(term(depth));
    }
    return strictest(classes);
  };
  const either = (depth: number): LicenceClass => {
    const classes = [all(depth)];
    while (isWord('OR')) {
      at += 1;
      classes.push(all(depth));
    }
    return freest(classes);
  };
  return either(0);
}

/** The licence that a package.json declares, in any of the shapes that were ever allowed; undefined when it declares none. */
export function declaredLicence(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (Array.isArray(value)) {
    const all = value.flatMap((one: unknown) => declaredLicence(one) ?? []);
    return all.length === 0 ? undefined : all.length === 1 ? all[0] : `(${all.join(' OR ')})`;
  }
  if (typeof value === 'object' && value !== null && 'type' in value) return declaredLicence(value.type);
  return undefined;
}
