/** A setting as the server tells it. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Whether somebody chose it: not the server's default. */
  readonly chosen: boolean;
}

/** What makes a commit durable. */
const REQUIRED = new Map([
  ['fsync', 'on'],
  ['synchronous_commit', 'on'],
  ['full_page_writes', 'on'],
]);

/** Chosen by whoever made the cluster or starts the server; without influence on what is measured. */
const HARMLESS =
  /^(?:port|listen_addresses|unix_socket_directories|max_connections|data_directory|config_file|hba_file|ident_file|.*timezone|datestyle|dynamic_shared_memory_type|lc_.*|default_text_search_config|log_.*|client_encoding|application_name|transaction_.*)$/i;

/** Settings that differ from the defaults and may have an influence. Durability is among them only when it was weakened. */
export function remarkable(settings: readonly Setting[]): readonly Setting[] {
  return settings.filter(({ name, value, chosen }) => chosen && !HARMLESS.test(name) && REQUIRED.get(name) !== value);
}

/** What is not as it must be for the figures to mean anything; empty when all is well. */
export function postgresProblems(settings: readonly Setting[]): readonly string[] {
  const values = new Map(settings.map(({ name, value }) => [name, value]));
  const weak = [...REQUIRED].filter(([name, value]) => values.get(name) !== value);
  return [
    ...weak.map(([name, value]) => `Postgres has ${name} = ${values.get(name) ?? 'nothing'}; it must be ${value}`),
    ...remarkable(settings)
      .filter(({ name }) => !REQUIRED.has(name))
      .map(({ name, value }) => `Postgres has ${name} = ${value}; it must have its default`),
  ];
}

export function redisProblems(settings: ReadonlyMap<string, string>, appendfsync: string): readonly string[] {
  const required = { appendonly: 'yes', appendfsync, save: '', 'maxmemory-policy': 'noeviction' };
  return Object.entries(required)
    .filter(([name, value]) => settings.get(name) !== value)
    .map(([name, value]) => `Redis has ${name} = "${settings.get(name) ?? ''}"; it must be "${value}"`);
}
