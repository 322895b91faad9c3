/** A message of a stream of server-sent events. */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
}

/** An event longer than this breaks the stream. */
const MAX_EVENT = 16 * 1_024 * 1_024;

/** Reads the event stream format of the HTML standard (lines end in LF or CRLF), as it comes in pieces. */
export class SseParser {
  /** Id of the last message that was whole. */
  lastId: string | undefined;
  readonly #onMessage: (message: SseMessage) => void;
  #rest = '';
  #event = '';
  #data = '';
  #id: string | undefined;

  constructor(onMessage: (message: SseMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** Throws when an event is too long. */
  feed(chunk: string): void {
    const text = this.#rest === '' ? chunk : this.#rest + chunk;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#line(text, from, text.charCodeAt(end - 1) === 0x0d && end > from ? end - 1 : end);
      from = end + 1;
    }
    this.#rest = from === text.length ? '' : text.slice(from);
    if (this.#rest.length + this.#data.length > MAX_EVENT) throw new Error('an event of the stream is too long');
  }

  #line(text: string, from: number, to: number): void {
    if (from === to) {
      this.#dispatch();
      return;
    }
    const colon = text.indexOf(':', from);
    if (colon === from) return;
    const end = colon < 0 || colon > to ? to : colon;
    const begin = text.charCodeAt(end + 1) === 0x20 ? end + 2 : end + 1;
    this.#field(text.slice(from, end), end === to ? '' : text.slice(begin, to));
  }

  #field(name: string, value: string): void {
    if (name === 'data') this.#data += this.#data === '' ? value : `\n${value}`;
    else if (name === 'event') this.#event = value;
    else if (name === 'id') this.#id = value;
  }

  #dispatch(): void {
    if (this.#id !== undefined) this.lastId = this.#id;
    const event = this.#event;
    const data = this.#data;
    this.#id = undefined;
    this.#event = '';
    this.#data = '';
    if (data !== '') this.#onMessage({ event: event === '' ? 'message' : event, data });
  }
}
