import type { ListedFile } from './list-files.ts';

/** Cuts a list into runs of at most `count` items whose texts have at most `characters` together (command lines are bounded). */
export function batches(texts: readonly string[], count: number, characters: number): string[][] {
  const cut: string[][] = [];
  let batch: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (batch.length > 0 && (batch.length >= count || length + text.length > characters)) {
      cut.push(batch);
      batch = [];
      length = 0;
    }
    batch.push(text);
    length += text.length + 1;
  }
  if (batch.length > 0) cut.push(batch);
  return cut;
}

/** Splits files into those a tool may be given and those too large for it. */
export function bySize(files: readonly ListedFile[], maxBytes: number): { fit: ListedFile[]; tooLarge: ListedFile[] } {
  return { fit: files.filter(({ bytes }) => bytes <= maxBytes), tooLarge: files.filter(({ bytes }) => bytes > maxBytes) };
}
