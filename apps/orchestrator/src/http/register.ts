import type { Request, RequestHandler, Response, Router } from 'express';
import { ValidationError } from '@mainstay/types';
import { requireScope } from './auth/principal.ts';
import type { Principal } from './auth/principal.ts';
import { jsonBody } from './body/json-body.ts';
import type { BodyLimits } from './body/read-body.ts';
import { PROBLEM_TYPE } from './problems.ts';
import { readQuery } from './query.ts';
import { type RequestFacts, factsOf } from './request-facts.ts';
import { sendElsewhere, sendReply } from './respond.ts';
import type { ReplyFacts, Route } from './route.ts';
import type { Services } from './services.ts';

const NOBODY: Principal = { tenant: '', name: 'anonymous', scopes: new Set() };

/** What has to answer while Postgres hangs waits so long for it to say who asks. */
const PATIENCE_MS = 20;

/** Registers all routes; what a path does not offer is answered with 405 and `Allow`. */
export function registerRoutes(router: Router, routes: readonly Route[], services: Services, bodies: BodyLimits): void {
  // Paths without parameters are found at once, without trying the patterns of all routes one after the other.
  const fixed = new Map<string, RequestHandler>();
  router.use((request, response, next) => fixed.get(request.path)?.(request, response, next) ?? next());
  for (const [path, all] of Map.groupBy(routes, ({ path }) => path)) {
    const byMethod = new Map(all.map((route) => [route.method.toUpperCase(), route]));
    const allow = [...byMethod.keys(), ...(byMethod.has('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');
    const handler = handlerOf(byMethod, path, allow, services, bodies);
    if (path.includes('{')) router.all(expressPath(path), handler);
    else fixed.set(path, handler);
  }
}

/** `/api/v1/runs/{id}` as Express writes it. */
export function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function handlerOf(
  byMethod: ReadonlyMap<string, Route>,
  path: string,
  allow: string,
  services: Services,
  bodies: BodyLimits,
): RequestHandler {
  return async (request, response) => {
    const facts = factsOf(response);
    facts.route = path;
    const route = byMethod.get(request.method === 'HEAD' ? 'GET' : request.method);
    if (route === undefined) {
      if (request.method === 'OPTIONS') sendReply(response, { status: 204, headers: { Allow: allow } });
      else throw notAllowed(request.method, path, allow);
      return;
    }
    const reply = await answer(route, request, response, facts, services, bodies);
    sendElsewhere(services.engine, response);
    sendReply(response, reply);
  };
}

async function answer(route: Route, request: Request, response: Response, facts: RequestFacts, services: Services, bodies: BodyLimits) {
  const authenticate = async () => {
    if (route.access === 'public') return NOBODY;
    const { basic = false, prompt = false } = route;
    facts.basic = basic;
    return await services.authenticator.authenticate(request.headers.authorization, {
      basic,
      ...(prompt ? { patienceMs: PATIENCE_MS } : {}),
    });
  };
  const principal = await authenticate();
  facts.principal = principal;
  if (route.access !== 'public' && route.access !== 'authenticated') requireScope(principal, route.access);
  requireAcceptable(route, request);
  return await route.run({
    principal,
    trace: facts.trace,
    services,
    request,
    response,
    reauthenticate: authenticate,
    readQuery: () => readQuery(request.url),
    readBody: () => jsonBody(request, response, bodies),
  });
}

function requireAcceptable(route: Route, request: Request): void {
  const { accept } = request.headers;
  if (accept === undefined || accept === '*/*') return;
  const types = typesOf(route);
  if (types.includes(accept) || request.accepts([...types, PROBLEM_TYPE]) !== false) return;
  throw new ValidationError('NOT_ACCEPTABLE', `Only ${types.join(', ')} can be given here`);
}

const types = new WeakMap<Route, readonly string[]>();

/** What the route can answer with. */
function typesOf(route: Route): readonly string[] {
  const known = types.get(route);
  if (known !== undefined) return known;
  const all = Object.values(route.replies)
    .flat()
    .map((reply: ReplyFacts) => reply.type ?? 'application/json');
  const distinct = [...new Set(all)];
  types.set(route, distinct);
  return distinct;
}

function notAllowed(method: string, path: string, allow: string): ValidationError {
  return new ValidationError('METHOD_NOT_ALLOWED', `${method} is not possible on ${path}; ${allow} are`, { details: { allow } });
}
