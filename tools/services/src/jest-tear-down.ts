import { releaseHeld } from './jest-services.ts';

/** Jest's global tear-down: gives back what the set-up acquired. */
export default releaseHeld;
