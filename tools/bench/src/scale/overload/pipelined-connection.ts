import { connect, type Socket } from 'node:net';
import { type Answer, ResponseParser } from './response-parser.ts';

/** A connection on which the same request is sent again and again, without waiting for the answers. */
export class PipelinedConnection {
  readonly #port: number;
  readonly #request: string;
  readonly #onAnswer: (answer: Answer) => void;
  readonly #onBroken: (requests: number) => void;
  #socket: Socket | undefined;
  #unanswered = 0;

  constructor(port: number, request: string, onAnswer: (answer: Answer) => void, onBroken: (requests: number) => void) {
    this.#port = port;
    this.#request = request;
    this.#onAnswer = onAnswer;
    this.#onBroken = onBroken;
  }

  send(count: number): void {
    this.#unanswered += count;
    this.#socket ??= this.#connect();
    this.#socket.write(this.#request.repeat(count));
  }

  close(): void {
    this.#unanswered = 0;
    this.#socket?.destroy();
  }

  /** What a broken connection leaves unanswered is told once; the next request opens another one. */
  #connect(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    const parser = new ResponseParser();
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      try {
        for (const answer of parser.push(chunk)) {
          this.#unanswered -= 1;
          this.#onAnswer(answer);
        }
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const lost = this.#unanswered;
      this.#unanswered = 0;
      this.#socket = undefined;
      if (lost > 0) this.#onBroken(lost);
    });
    return socket;
  }
}
