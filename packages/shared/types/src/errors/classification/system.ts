import type { Disposition, ErrorCode } from '../catalogue.ts';
import { networkWords } from '../network-failure.ts';
import { classified, type Classifier } from './classification.ts';
import { textOf } from './shape.ts';

type Entry = readonly [code: ErrorCode, disposition?: Disposition];

/** Codes of the operating system and of Node that do not speak of a connection. */
const CODES: Readonly<Record<string, Entry>> = {
  ABORT_ERR: ['CANCELLED'],
  ECANCELED: ['CANCELLED'],
  ERR_CANCELED: ['CANCELLED'],
  UND_ERR_ABORTED: ['CANCELLED'],
  EADDRINUSE: ['CONFIG_INVALID'],
  EADDRNOTAVAIL: ['CONFIG_INVALID'],
  EAGAIN: ['OVERLOADED'],
  ENOBUFS: ['OVERLOADED'],
  ENOMEM: ['OVERLOADED'],
  EBUSY: ['CONFLICT', 'retryable'],
  EINTR: ['INTERNAL', 'retryable'],
  EIO: ['INTERNAL', 'retryable'],
  ERR_WORKER_OUT_OF_MEMORY: ['WORKER_OUT_OF_MEMORY'],
  ERR_CHILD_PROCESS_STDIO_MAXBUFFER: ['PAYLOAD_TOO_LARGE'],
  // files: the same path gives the same answer
  EACCES: ['INTERNAL', 'terminal'],
  EEXIST: ['CONFLICT', 'terminal'],
  EISDIR: ['INTERNAL', 'terminal'],
  ELOOP: ['INTERNAL', 'terminal'],
  ENAMETOOLONG: ['INTERNAL', 'terminal'],
  ENOENT: ['INTERNAL', 'terminal'],
  ENOTDIR: ['INTERNAL', 'terminal'],
  ENOTEMPTY: ['CONFLICT', 'terminal'],
  EPERM: ['INTERNAL', 'terminal'],
  EROFS: ['INTERNAL', 'terminal'],
  EXDEV: ['INTERNAL', 'terminal'],
};

/** The other side's certificate is refused, or it does not speak TLS: the next try meets the same. */
const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|EPROTO$)/;

/** Errors of the operating system, of Node and of undici, by their code. */
export const classifySystem: Classifier = (error) => {
  const code = textOf(error, 'code');
  if (code === undefined) return undefined;
  if (networkWords(code) !== undefined) return classified('NETWORK_FAILED', code);
  if (TLS.test(code)) return classified('NETWORK_FAILED', code, 'terminal');
  if (!Object.hasOwn(CODES, code)) return undefined;
  const [ours, disposition] = CODES[code] ?? ['INTERNAL'];
  return classified(ours, code, disposition);
};
