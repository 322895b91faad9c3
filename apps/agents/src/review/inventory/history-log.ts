/** What the history says of one file. */
export interface FileHistory {
  commits: number;
  churn: number;
  readonly authors: Set<string>;
  /** Seconds since 1970 of the newest commit. */
  lastAt: number;
}

export interface LogFacts {
  readonly commits: number;
  readonly authors: number;
  /** Seconds since 1970. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  readonly files: ReadonlyMap<string, FileHistory>;
}

/** The format that {@link LogReader} reads, together with `--numstat -z --no-renames`. */
export const LOG_FORMAT = '%x01%H%x02%at%x02%ae';

const NUMSTAT = /^\n?(\d+|-)\t(\d+|-)\t([\s\S]+)$/;
/** More distinct paths than this are not followed. */
const MAX_PATHS = 100_000;

/** Folds the tokens (separated by NUL) of `git log` into facts per file. */
export class LogReader {
  #commits = 0;
  #author = '';
  #at = 0;
  #firstAt: number | undefined;
  #lastAt: number | undefined;
  readonly #authors = new Set<string>();
  readonly #files = new Map<string, FileHistory>();

  take(token: string): void {
    const header = token.indexOf('\u0001');
    if (header >= 0 && header <= 1) this.#commit(token.slice(header + 1));
    else this.#change(token);
  }

  facts(): LogFacts {
    return { commits: this.#commits, authors: this.#authors.size, firstAt: this.#firstAt, lastAt: this.#lastAt, files: this.#files };
  }

  #commit(header: string): void {
    const [, at = '0', author = ''] = header.split('\u0002');
    this.#commits += 1;
    this.#at = Number(at);
    this.#author = author.toLowerCase();
    this.#authors.add(this.#author);
    this.#firstAt = Math.min(this.#firstAt ?? this.#at, this.#at);
    this.#lastAt = Math.max(this.#lastAt ?? this.#at, this.#at);
  }

  #change(token: string): void {
    const [, added = '0', deleted = '0', path] = NUMSTAT.exec(token) ?? [];
    if (path === undefined) return;
    let file = this.#files.get(path);
    if (file === undefined) {
      if (this.#files.size >= MAX_PATHS) return;
      file = { commits: 0, churn: 0, authors: new Set(), lastAt: 0 };
      this.#files.set(path, file);
    }
    file.commits += 1;
    file.churn += (added === '-' ? 0 : Number(added)) + (deleted === '-' ? 0 : Number(deleted));
    file.authors.add(this.#author);
    file.lastAt = Math.max(file.lastAt, this.#at);
  }
}
