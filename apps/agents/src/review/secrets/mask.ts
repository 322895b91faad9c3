/** Shows enough of a secret to find it again and too little to use it: a quarter, four characters at most, and its length. */
export function maskSecret(secret: string): string {
  const shown = Math.min(4, Math.floor(secret.length / 4));
  const head = secret.slice(0, shown).replace(/[^\x20-\x7e]/g, '?');
  return `${head}*** (${String(secret.length)} characters)`;
}
