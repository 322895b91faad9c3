import { type DestinationStream, levels, pino, symbols } from 'pino';

/** Lines that wait until they can be written, in bytes; beyond that they are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Lines that are gathered, in characters. */
const MAX_GATHERED = 64 * 1024;
const { warn: WARN = 40 } = levels.values;

/**
 * Writes lines to a descriptor, synchronously: those of warnings and worse before the call returns, calmer ones together at the end of the
 * turn of the event loop, when the process exits, or before the next warning, whichever comes first. So only a process that is killed can
 * lose some, those of its last turn. While they cannot be written (the disk is full, the reader is gone), the process goes on without them: a
 * log that fails must not end what it reports on.
 */
export function lineWriter(fd: number): DestinationStream {
  return new LineWriter(fd);
}

class LineWriter implements DestinationStream {
  /** Asks pino for {@link lastLevel}. */
  readonly [symbols.needsMetadataGsym] = true;
  /** Level of the line that comes next. */
  lastLevel = 0;
  readonly #writer;
  #gathered = '';
  #immediate: NodeJS.Immediate | undefined;

  constructor(fd: number) {
    this.#writer = pino.destination({ fd, sync: true, maxLength: MAX_WAITING_BYTES });
    this.#writer.on('error', () => undefined);
  }

  write(line: string): void {
    this.#gathered += line;
    if (this.lastLevel >= WARN || this.#gathered.length > MAX_GATHERED) this.#flush();
    else if (this.#immediate === undefined) {
      this.#immediate = setImmediate(this.#flush);
      process.once('exit', this.#flush);
    }
  }

  readonly #flush = (): void => {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    process.off('exit', this.#flush);
    const lines = this.#gathered;
    this.#gathered = '';
    if (lines !== '') this.#writer.write(lines);
  };
}
