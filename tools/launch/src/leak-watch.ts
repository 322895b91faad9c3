import { Transform } from 'node:stream';
import { PLANTED } from '@mainstay/services';

/** Passes text on, and counts the secrets in it that tests have planted. */
export interface LeakWatch {
  readonly stream: Transform;
  /** So far. */
  readonly leaks: number;
}

/** A marker that is cut in two by chunks is found as well. */
export function watchForLeaks(marker = PLANTED): LeakWatch {
  let leaks = 0;
  let rest = '';
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString('latin1');
      leaks += text.split(marker).length - 1;
      const last = text.lastIndexOf(marker);
      // what was counted is not looked at again
      rest = text.slice(Math.max(last < 0 ? 0 : last + marker.length, text.length - marker.length + 1));
      done(null, chunk);
    },
  });
  return {
    stream,
    get leaks() {
      return leaks;
    },
  };
}
