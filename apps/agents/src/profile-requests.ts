import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerLevelRequest, type Logger } from '@mainstay/observability';
import { answerProfileRequest } from '@mainstay/profiling';
import { AuthError, CancelledError, errorCatalogue, InternalError, MainstayError } from '@mainstay/types';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/**
 * Answers `POST /profile` with a CPU profile of this process, and errors with a problem document. A worker knows no keys, so it
 * answers only who is on this machine, and no page of a browser there. Ends when the client goes.
 */
export async function answerProfile(request: IncomingMessage, response: ServerResponse, logger: Logger): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort(new CancelledError('CANCELLED', 'the client has gone'));
  });
  await answerLocally(request, response, logger, 'a CPU profile', async () => {
    logger.info('a CPU profile is being recorded');
    return await answerProfileRequest(request.url ?? '', gone.signal);
  });
}

/** Answers `PUT /log-level`; for the same people as {@link answerProfile}. */
export async function answerLogLevel(request: IncomingMessage, response: ServerResponse, logger: Logger): Promise<void> {
  await answerLocally(request, response, logger, 'another log level', async () => {
    const change = await answerLevelRequest(logger, request);
    logger.warn({ ...change }, 'the log level was changed');
    return JSON.stringify(change);
  });
}

async function answerLocally(
  request: IncomingMessage,
  response: ServerResponse,
  logger: Logger,
  what: string,
  answer: () => Promise<string>,
): Promise<void> {
  try {
    requireLocal(request);
    write(response, 200, 'application/json', await answer());
  } catch (thrown) {
    const error = thrown instanceof MainstayError ? thrown : new InternalError(`The request for ${what} failed`, { cause: thrown });
    if (error.status >= 500) logger.error({ err: error }, `the request for ${what} failed`);
    write(response, error.status, 'application/problem+json', JSON.stringify(problemOf(error)));
  }
}

function requireLocal({ socket, headers }: IncomingMessage): void {
  if (!LOOPBACK.test(socket.remoteAddress ?? '')) {
    throw new AuthError('FORBIDDEN', 'A worker answers this only to its own machine; ask there, by its loopback address');
  }
  // browsers send this with every POST
  if (headers.origin !== undefined) throw new AuthError('FORBIDDEN', 'This is not for pages in a browser');
}

function problemOf(error: MainstayError) {
  const { title, status, hint } = errorCatalogue[error.code];
  const { issues, ...details } = error.details;
  return {
    type: `urn:mainstay:error:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    hint,
    ...(issues === undefined ? {} : { issues }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

function write(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
