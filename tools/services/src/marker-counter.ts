import { MARKERS } from './planted.ts';

/** Counts markers in a text that comes in pieces: also one that is cut in two is found, and each once. */
export class MarkerCounter {
  readonly #markers: readonly string[];
  readonly #rests: string[];
  #found = 0;

  constructor(markers: readonly string[] = MARKERS) {
    this.#markers = markers;
    this.#rests = markers.map(() => '');
  }

  /** So far. */
  get found(): number {
    return this.#found;
  }

  take(piece: string): void {
    for (const [index, marker] of this.#markers.entries()) {
      const text = (this.#rests[index] ?? '') + piece;
      this.#found += text.split(marker).length - 1;
      const last = text.lastIndexOf(marker);
      // what was counted is not looked at again
      this.#rests[index] = text.slice(Math.max(last < 0 ? 0 : last + marker.length, text.length - marker.length + 1));
    }
  }
}
