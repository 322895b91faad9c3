import { Transform } from 'node:stream';
import { MARKERS, MarkerCounter } from '@mainstay/services';

/** Passes text on, and counts the secrets in it that tests have planted. */
export interface LeakWatch {
  readonly stream: Transform;
  /** So far. */
  readonly leaks: number;
}

export function watchForLeaks(markers: readonly string[] = MARKERS): LeakWatch {
  const counter = new MarkerCounter(markers);
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      counter.take(chunk.toString('latin1'));
      done(null, chunk);
    },
  });
  return {
    stream,
    get leaks() {
      return counter.found;
    },
  };
}
