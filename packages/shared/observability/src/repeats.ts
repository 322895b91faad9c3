export interface RepeatOptions {
  /** Lines of one kind that are written within a window. Default 50. */
  readonly first?: number;
  /** Default 10,000. */
  readonly windowMs?: number;
}

/** Lines of one kind that were left out. */
export interface LeftOut {
  readonly kind: string;
  readonly count: number;
}

interface Kind {
  readonly since: number;
  seen: number;
}

/** Kinds that are told apart at a time; lines of further ones are all written. */
const MAX_KINDS = 1_000;

/** Instances that owe a count, told once more when the process ends. */
const owing = new Set<Repeats>();
let listens = false;

/**
 * Lets the first lines of a kind through in each window, and counts the others; the count is told when the window is over, or when the
 * process ends by itself.
 */
export class Repeats {
  readonly #first: number;
  readonly #windowMs: number;
  readonly #tell: (leftOut: LeftOut) => void;
  readonly #now: () => number;
  readonly #kinds = new Map<string, Kind>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RepeatOptions, tell: (leftOut: LeftOut) => void, now: () => number = () => performance.now()) {
    this.#first = options.first ?? 50;
    this.#windowMs = options.windowMs ?? 10_000;
    this.#tell = tell;
    this.#now = now;
  }

  /** Whether a line of this kind is to be written. */
  admit(kind: string): boolean {
    const now = this.#now();
    const known = this.#kinds.get(kind);
    if (known !== undefined && now - known.since < this.#windowMs) return this.#again(known);
    if (known !== undefined) this.#end(kind, known);
    if (this.#kinds.size >= MAX_KINDS) this.#sweep(now);
    if (this.#kinds.size < MAX_KINDS) this.#kinds.set(kind, { since: now, seen: 1 });
    return true;
  }

  /** Tells of everything that was left out so far, and begins anew. */
  flush(): void {
    for (const [kind, facts] of this.#kinds) this.#end(kind, facts);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    owing.delete(this);
  }

  #again(kind: Kind): boolean {
    kind.seen += 1;
    if (kind.seen <= this.#first) return true;
    this.#owe();
    return false;
  }

  #owe(): void {
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, this.#windowMs).unref();
    owing.add(this);
    if (listens) return;
    listens = true;
    process.on('exit', () => {
      for (const repeats of [...owing]) repeats.flush();
    });
  }

  #sweep(now: number): void {
    for (const [kind, facts] of this.#kinds) if (now - facts.since >= this.#windowMs) this.#end(kind, facts);
  }

  #end(kind: string, { seen }: Kind): void {
    this.#kinds.delete(kind);
    if (seen > this.#first) this.#tell({ kind, count: seen - this.#first });
  }
}
