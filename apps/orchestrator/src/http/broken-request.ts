import type { Duplex } from 'node:stream';
import { type ErrorCode, MainstayError } from '@mainstay/types';
import { placeOf, PROBLEM_TYPE, toProblem } from './problems.ts';
import { traceContext } from './trace-context.ts';

/** Answers what is not even HTTP, in place of Node's empty answers, and closes the connection. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { code, detail } = explain(error.code);
  const { problem } = toProblem(new MainstayError(code, detail), placeOf('', traceContext(undefined, {})));
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

function explain(code: string | undefined): { readonly code: ErrorCode; readonly detail: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'PAYLOAD_TOO_LARGE', detail: 'The headers of the request are too large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'VALIDATION_FAILED', detail: 'The request did not arrive in time' };
    default:
      return { code: 'VALIDATION_FAILED', detail: 'This is not an HTTP request' };
  }
}
