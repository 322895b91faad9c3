import { ECS_VERSION, toEcs } from './ecs.ts';
import { isoTime } from './iso-time.ts';

/** How a line is written. */
export interface LineFormat {
  /** Fields of every line. */
  readonly base: (service: string) => Record<string, unknown>;
  readonly levelKey: string;
  readonly messageKey: string;
  /** The moment as a field, with a comma before it. `ms`: since 1970. */
  readonly time: (ms: number) => string;
  /** The fields under the names of the format. */
  readonly fields: (fields: Record<string, unknown>) => Record<string, unknown>;
}

export const PLAIN: LineFormat = {
  base: (service) => ({ service, pid: process.pid }),
  levelKey: 'level',
  messageKey: 'msg',
  time: (ms) => `,"time":"${isoTime(ms)}"`,
  fields: (fields) => fields,
};

export const ECS: LineFormat = {
  base: (service) => ({ 'ecs.version': ECS_VERSION, 'service.name': service, 'process.pid': process.pid }),
  levelKey: 'log.level',
  messageKey: 'message',
  time: (ms) => `,"@timestamp":"${isoTime(ms)}"`,
  fields: toEcs,
};
