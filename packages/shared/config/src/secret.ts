import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A value that is never printed by accident: as text, in JSON and in `console.log` it reads `[secret]`. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Hand it on at once; do not keep it in a plain variable. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
