/**
 * Begin of every secret that a test of the system plants, so that `npm test` can look for it in what it prints: nothing of it may be there.
 * Put together here, so that the source itself does not show it.
 */
export const PLANTED = ['PLANTED', 'SECRET'].join('');

/** The password that tests of single parts plant. */
export const PLANTED_PASSWORD = ['hunter', '2'].join('');

/** What is looked for. */
export const MARKERS: readonly string[] = [PLANTED, PLANTED_PASSWORD];

/** A secret that can be known by its form, as API keys are; `name` tells where it was planted. */
export function plantedKey(name: string): string {
  return `sk-${PLANTED}-${name}-0123456789abcdef`;
}

/** A password in a connection string, which is known by where it stands. */
export function plantedUrl(name: string): string {
  return `postgres://me:${PLANTED}-${name}@db.example:5432/x`;
}

/** Every place of the text in which a planted secret stands, with what is around it. */
export function leaksIn(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(`.{0,60}(?:${MARKERS.join('|')}).{0,40}`, 'g'))].map(([found]) => found);
}
