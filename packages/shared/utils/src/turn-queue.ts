interface Line<T> {
  readonly items: Set<T>;
  /** Turns left before the next tenant comes. */
  turns: number;
}

/** Tenants that take turns, each with as many in a row as its weight; who comes first goes first within a tenant. */
export class TurnQueue<T extends object> {
  readonly #weightOf: (tenant: string) => number;
  /** Those that have somebody waiting, the next in turn first. */
  readonly #lines = new Map<string, Line<T>>();
  readonly #tenants = new Map<T, string>();

  constructor(weightOf: (tenant: string) => number) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#tenants.size;
  }

  add(item: T, tenant: string): void {
    const line = this.#lines.get(tenant) ?? { items: new Set(), turns: this.#turnsOf(tenant) };
    this.#lines.set(tenant, line);
    line.items.add(item);
    this.#tenants.set(item, tenant);
  }

  take(): T | undefined {
    const [first] = this.#lines;
    if (first === undefined) return undefined;
    const [tenant, line] = first;
    const [item] = line.items;
    if (item === undefined) return undefined;
    this.remove(item);
    line.turns -= 1;
    if (line.turns <= 0 && line.items.size > 0) {
      line.turns = this.#turnsOf(tenant);
      this.#lines.delete(tenant);
      this.#lines.set(tenant, line);
    }
    return item;
  }

  remove(item: T): boolean {
    const tenant = this.#tenants.get(item);
    if (tenant === undefined) return false;
    this.#tenants.delete(item);
    const line = this.#lines.get(tenant);
    line?.items.delete(item);
    if (line?.items.size === 0) this.#lines.delete(tenant);
    return true;
  }

  /** How much of the queue a tenant has, in relation to its weight. */
  loadOf(tenant: string): number {
    return (this.#lines.get(tenant)?.items.size ?? 0) / this.#turnsOf(tenant);
  }

  /** Who came last of the tenant with the greatest load. Takes as long as there are tenants, and calls of that one. */
  lastOfLongest(): { readonly item: T; readonly load: number } | undefined {
    let longest: string | undefined;
    let load = 0;
    for (const tenant of this.#lines.keys()) {
      const own = this.loadOf(tenant);
      if (own <= load) continue;
      longest = tenant;
      load = own;
    }
    const item = longest === undefined ? undefined : [...(this.#lines.get(longest)?.items ?? [])].at(-1);
    return item === undefined ? undefined : { item, load };
  }

  #turnsOf(tenant: string): number {
    return Math.max(1, Math.floor(this.#weightOf(tenant)));
  }
}
