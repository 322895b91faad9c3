/** An answer to one of many requests on a connection. */
export interface Answer {
  readonly status: number;
  /** Seconds; undefined where the header is missing. */
  readonly retryAfterS: number | undefined;
  readonly body: string;
  /** The server will close the connection after it. */
  readonly last: boolean;
}

const HEAD_END = '\r\n\r\n';

/** Cuts what a connection receives into answers. Only answers with a Content-Length; others throw. */
export class ResponseParser {
  #rest = '';

  /** The answers that are complete with this chunk, as Latin-1 text. */
  push(chunk: string): readonly Answer[] {
    this.#rest += chunk;
    const answers: Answer[] = [];
    let begin = 0;
    for (;;) {
      const headEnd = this.#rest.indexOf(HEAD_END, begin);
      if (headEnd < 0) break;
      const head = this.#rest.slice(begin, headEnd);
      const bodyBegin = headEnd + HEAD_END.length;
      const bodyEnd = bodyBegin + lengthOf(head);
      if (bodyEnd > this.#rest.length) break;
      answers.push(answerOf(head, this.#rest.slice(bodyBegin, bodyEnd)));
      begin = bodyEnd;
    }
    if (begin > 0) this.#rest = this.#rest.slice(begin);
    return answers;
  }
}

function lengthOf(head: string): number {
  const length = headerOf(head, 'content-length');
  if (length === undefined) throw new Error(`An answer has no Content-Length: ${head.slice(0, 200)}`);
  return Number(length);
}

function answerOf(head: string, body: string): Answer {
  const retryAfter = headerOf(head, 'retry-after');
  return {
    status: Number(head.slice(9, 12)),
    retryAfterS: retryAfter === undefined ? undefined : Number(retryAfter),
    body,
    last: headerOf(head, 'connection')?.toLowerCase() === 'close',
  };
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1];
}
