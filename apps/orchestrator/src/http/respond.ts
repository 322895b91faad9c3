import type { Request, Response } from 'express';
import { PROBLEM_TYPE, toProblem } from './problems.ts';
import { factsOf } from './request-facts.ts';
import type { Reply } from './route.ts';

/** Has browsers ask for a name and a password; the key is the password, the name does not matter. */
const BASIC_CHALLENGE = 'Basic realm="mainstay", charset="UTF-8"';

/** Writes what a handler answered. */
export function sendReply(response: Response, reply: Reply): void {
  if ('streamed' in reply) return;
  response.status(reply.status).set({ ...reply.headers });
  if ('text' in reply) response.set('Content-Type', reply.type).send(reply.text);
  else if (reply.json === undefined) response.end();
  else response.json(reply.json);
}

/** Writes an error as a problem document. A connection whose request was not read to its end is given up afterwards. */
export function sendProblem(request: Request, response: Response, thrown: unknown, correlationId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { problem, headers } = toProblem(thrown, { instance: request.path, correlationId });
  if (!request.complete && hasBody(request)) response.set('Connection', 'close');
  response.status(problem.status).set(headers);
  if (problem.status === 401 && factsOf(response).basic === true) response.append('WWW-Authenticate', BASIC_CHALLENGE);
  response.set('Content-Type', PROBLEM_TYPE).send(JSON.stringify(problem));
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
