import { type DestinationStream, levels, pino, symbols } from 'pino';

/** Lines that wait until they can be written, in bytes; beyond that they are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Lines that are gathered, made or still to be made, in characters. */
const MAX_GATHERED = 64 * 1024;
/** While lines come all the time, those of so many milliseconds are written together. */
const GATHER_MS = 25;
const { warn: WARN = 40 } = levels.values;

/**
 * Writes lines to a descriptor, synchronously: those of warnings and worse before the call returns, calmer ones together: at the end of the
 * turn of the event loop, or 25 ms after lines were written, when the process exits, or before the next warning. So only a process that is
 * killed can lose some, those of its last turn or 25 ms. While they cannot be written (the disk is full, the reader is gone), the process goes
 * on without them: a log that fails must not end what it reports on.
 */
export function lineWriter(fd: number): DestinationStream {
  return new LineWriter(fd);
}

/** A destination for which lines may be made later. */
export interface LaterStream extends DestinationStream {
  later(line: LaterLine): void;
}

/** A calm line that is made when it is written. */
export interface LaterLine {
  /** About what it holds until then, which is bounded. */
  readonly characters: number;
  /**
   * Called in the order of all lines. The code for it, called once in a while, takes some four times as long as when it is called again and
   * again. Must not throw.
   */
  make(): string;
}

export function isLaterStream(destination: DestinationStream): destination is LaterStream {
  return destination instanceof LineWriter;
}

/** Those that have gathered lines. One listener serves them all, as one for each and each time would cost as much as a line. */
const gathering = new Set<LineWriter>();
let exit: 'not watched' | 'watched' | 'under way' = 'not watched';

function watchExit(): void {
  if (exit !== 'not watched') return;
  exit = 'watched';
  process.on('exit', () => {
    exit = 'under way';
    for (const one of gathering) one.flush();
  });
}

class LineWriter implements LaterStream {
  /** Asks pino for {@link lastLevel}. */
  readonly [symbols.needsMetadataGsym] = true;
  /** Level of the line that comes next. */
  lastLevel = 0;
  readonly #writer;
  #gathered = '';
  #unmade: LaterLine[] = [];
  #unmadeCharacters = 0;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writtenAt = -GATHER_MS;

  constructor(fd: number) {
    this.#writer = pino.destination({ fd, sync: true, maxLength: MAX_WAITING_BYTES });
    this.#writer.on('error', () => undefined);
  }

  write(line: string): void {
    const first = this.#isEmpty;
    this.#make();
    this.#gathered += line;
    if (this.lastLevel >= WARN || this.#gathered.length > MAX_GATHERED || exit === 'under way') this.flush();
    else if (first) this.#gather();
  }

  later(line: LaterLine): void {
    const first = this.#isEmpty;
    this.#unmade.push(line);
    this.#unmadeCharacters += line.characters;
    if (this.#gathered.length + this.#unmadeCharacters > MAX_GATHERED || exit === 'under way') this.flush();
    else if (first) this.#gather();
  }

  readonly flush = (): void => {
    if (this.#isEmpty) return;
    this.#make();
    const lines = this.#gathered;
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#gathered = '';
    gathering.delete(this);
    this.#writtenAt = performance.now();
    this.#writer.write(lines);
  };

  get #isEmpty(): boolean {
    return this.#gathered === '' && this.#unmade.length === 0;
  }

  #make(): void {
    const unmade = this.#unmade;
    if (unmade.length === 0) return;
    this.#unmade = [];
    this.#unmadeCharacters = 0;
    for (const line of unmade) this.#gathered += line.make();
  }

  #gather(): void {
    watchExit();
    gathering.add(this);
    const waitMs = this.#writtenAt + GATHER_MS - performance.now();
    if (waitMs <= 0) this.#immediate = setImmediate(this.flush);
    else this.#timer = setTimeout(this.flush, waitMs).unref();
  }
}
