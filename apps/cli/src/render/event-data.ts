import type { RunEvent } from '../client/views.ts';
import { clean } from './text.ts';

/** Reads the data of events, of which nothing is taken for granted. */
export class EventData {
  readonly #data: Readonly<Record<string, unknown>>;

  constructor({ data = {} }: RunEvent) {
    this.#data = data;
  }

  text(name: string): string | undefined {
    const value = this.#data[name];
    return typeof value === 'string' ? clean(value) : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#data[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#data[name] === true;
  }

  value(name: string): unknown {
    return this.#data[name];
  }

  /** Code and message of an error. */
  error(): string | undefined {
    const error = this.#data['error'];
    if (typeof error !== 'object' || error === null) return undefined;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    const message = 'message' in error && typeof error.message === 'string' ? error.message : undefined;
    return clean([code, message].filter((part) => part !== undefined).join(': '));
  }
}
