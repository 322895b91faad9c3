import { NetworkError } from '@mainstay/types';

const MAX_BYTES = 64 * 1_024 * 1_024;

/** The body as text; rejects with NETWORK_FAILED when it is longer than `maxBytes`. */
export async function boundedText(response: Response, maxBytes = MAX_BYTES): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new NetworkError(`The answer is longer than ${maxBytes} bytes`, { disposition: 'terminal' });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
