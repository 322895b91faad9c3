import { charCodeAt } from '@mainstay/types';

/** FNV-1a with a final mix, so that names that differ in one character spread evenly. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  const { length } = text;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ charCodeAt(text, i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Highest-random-weight hashing: which member owns the key. All who know the same members agree, and when a member comes
 * or goes only its own keys move. Undefined without members.
 */
export function ownerOf(key: string, members: readonly string[]): string | undefined {
  let owner: string | undefined;
  let best = -1;
  for (const member of members) {
    const weight = hash(`${key}\n${member}`);
    if (weight > best || (weight === best && owner !== undefined && member < owner)) {
      owner = member;
      best = weight;
    }
  }
  return owner;
}

/**
 * Which of the numbered partitions a member owns. The partitions are dealt evenly (their numbers differ by one at most):
 * members in order of a hash take turns.
 */
export function partitionsOf(member: string, members: readonly string[], partitions: number): number[] {
  const order = [...members].sort((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1));
  const turn = order.indexOf(member);
  if (turn < 0) return [];
  return Array.from({ length: partitions }, (_, partition) => partition).filter((partition) => partition % order.length === turn);
}
