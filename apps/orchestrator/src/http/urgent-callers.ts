import { allows } from './auth/principal.ts';
import type { Authenticator } from './auth/authenticator.ts';

const SCOPE = 'runs:write';
/** Look-ups at the same time: whoever sends credentials that are not good makes no more work than that. */
const MAX_LOOK_UPS = 8;

/** Whom to believe that a submission is urgent, before it is read: those who may start runs. */
export class UrgentCallers {
  readonly #authenticator: Pick<Authenticator, 'known' | 'authenticate'>;
  #lookUps = 0;

  constructor(authenticator: Pick<Authenticator, 'known' | 'authenticate'>) {
    this.#authenticator = authenticator;
  }

  /** Undefined: nobody knows yet. */
  isKnown(authorization: string | undefined): boolean | undefined {
    const caller = this.#authenticator.known(authorization);
    return caller === undefined ? undefined : allows(caller, SCOPE);
  }

  /** Finds it out. Undefined when too many are being looked up. Does not reject. */
  lookUp(authorization: string | undefined): Promise<boolean> | undefined {
    return this.#lookUps < MAX_LOOK_UPS ? this.#lookUp(authorization) : undefined;
  }

  async #lookUp(authorization: string | undefined): Promise<boolean> {
    this.#lookUps++;
    try {
      return allows(await this.#authenticator.authenticate(authorization), SCOPE);
    } catch {
      return false;
    } finally {
      this.#lookUps--;
    }
  }
}
