import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
import { STYLE_SOURCE } from './openapi/page.ts';

/** Headers that every answer carries; the same each time, so they are made once. */
export function securityHeaders(): readonly (readonly [name: string, value: string])[] {
  const headers = new Map<string, string>();
  const response = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  let failure: unknown;
  // helmet reads nothing of the request and only sets headers
  policy()({} as unknown as IncomingMessage, response as unknown as ServerResponse, (error?: unknown) => {
    failure = error;
  });
  if (failure !== undefined || headers.size === 0) throw new Error('the security headers could not be made', { cause: failure });
  return [...headers];
}

function policy() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [STYLE_SOURCE],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}
