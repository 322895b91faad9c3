import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Engine } from '../engine/engine.ts';
import { placeOf, PROBLEM_TYPE, toProblem } from './problems.ts';
import { factsOf } from './request-facts.ts';
import type { Reply } from './route.ts';
import type { TraceContext } from './trace-context.ts';

/** Has browsers ask for a name and a password; the key is the password, the name does not matter. */
const BASIC_CHALLENGE = 'Basic realm="mainstay", charset="UTF-8"';
const UTF8 = '; charset=utf-8';
const JSON_TYPE = `application/json${UTF8}`;

/** A replica that is cut off closes the connection after its answer, so that the client goes elsewhere: also when it began to meanwhile. */
export function sendElsewhere({ cutOff }: Pick<Engine, 'cutOff'>, response: ServerResponse): void {
  if (cutOff && !response.headersSent) response.setHeader('Connection', 'close');
}

/** Writes what a handler answered. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  if ('streamed' in reply) return;
  response.statusCode = reply.status;
  setHeaders(response, reply.headers);
  if ('text' in reply) sendText(response, reply.type.includes('charset=') ? reply.type : reply.type + UTF8, reply.text);
  else if (reply.json === undefined) response.end();
  else sendText(response, JSON_TYPE, JSON.stringify(reply.json));
}

/** Writes an error as a problem document. A connection whose request was not read to its end is given up afterwards. */
export function sendProblem(
  request: IncomingMessage & { readonly path: string },
  response: Response,
  thrown: unknown,
  trace: TraceContext,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { problem, headers } = toProblem(thrown, placeOf(request.path, trace));
  if (!request.complete && hasBody(request)) response.setHeader('Connection', 'close');
  response.statusCode = problem.status;
  setHeaders(response, headers);
  if (problem.status === 401 && factsOf(response).basic === true) response.appendHeader('WWW-Authenticate', BASIC_CHALLENGE);
  sendText(response, PROBLEM_TYPE + UTF8, JSON.stringify(problem));
}

/** In one piece; Node leaves the body out where the request was a HEAD. */
function sendText(response: ServerResponse, type: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes);
  // ASCII is the same in both, and cheaper to write in this
  response.end(text, bytes === text.length ? 'latin1' : 'utf8');
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>> | undefined): void {
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
