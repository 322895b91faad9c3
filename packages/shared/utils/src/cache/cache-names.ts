/** What one cache of one process calls its things outside of itself. */
export class CacheNames {
  readonly #name: string;
  /** Tells our own messages on the bus from those of others. */
  readonly #id = crypto.randomUUID();

  constructor(name: string) {
    // so that no name and key together are another name and key
    this.#name = encodeURIComponent(name);
  }

  value(key: string): string {
    return `cache:${this.#name}:value:${key}`;
  }

  lock(key: string): string {
    return `cache:${this.#name}:lock:${key}`;
  }

  /** Tells the others to forget keys. */
  message(keys: readonly string[]): string {
    return JSON.stringify([this.#name, this.#id, ...keys]);
  }

  /** The keys that a message of another process asks this cache to forget; none for everything else. */
  keysOf(message: string): readonly string[] {
    const [name, from, ...keys] = stringsOf(message);
    return name === this.#name && from !== this.#id ? keys : [];
  }
}

function stringsOf(message: string): readonly string[] {
  try {
    const parsed = JSON.parse(message) as unknown;
    return Array.isArray(parsed) && parsed.every((one) => typeof one === 'string') ? parsed : [];
  } catch {
    return [];
  }
}
