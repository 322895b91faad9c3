let known = 0;

/**
 * Resident memory of this process, in bytes. The system tells it by a file: when no file can be opened, it is that of the look
 * before (0 before the first), because running out of file handles must not end who looks. Never throws.
 */
export function residentBytes(look: () => number = () => process.memoryUsage.rss()): number {
  try {
    known = look();
  } catch {
    // The value of the look before stands.
  }
  return known;
}
