/** Version of the Elastic Common Schema whose names these are. */
export const ECS_VERSION = '8.11.0';

/** Fields whose value stays as it is. */
const NAMES: Readonly<Record<string, string>> = {
  correlationId: 'labels.correlation_id',
  run: 'labels.run',
  task: 'labels.task',
  tenant: 'labels.tenant',
  traceId: 'trace.id',
  worker: 'service.node.name',
  method: 'http.request.method',
  route: 'http.route',
};

/** Fields of a log line under the names of the Elastic Common Schema; those that it does not know are in `mainstay`. */
export function toEcs(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const name = NAMES[key];
    if (name !== undefined) named[name] = value;
    else if (key === 'durationMs' && typeof value === 'number') named['event.duration'] = Math.round(value * 1e6);
    else if (key === 'status' && typeof value === 'number') named['http.response.status_code'] = value;
    else if (key === 'err' && isRecord(value)) Object.assign(named, errorFields(value));
    else named[`mainstay.${key}`] = value;
  }
  return named;
}

function errorFields({ type, code, message, stack, ...rest }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields = { 'error.type': type, 'error.code': code, 'error.message': message, 'error.stack_trace': stack, 'mainstay.error': rest };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
