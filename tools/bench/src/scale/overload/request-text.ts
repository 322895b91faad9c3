/** A submission as it goes over the wire. */
export interface RequestFacts {
  readonly port: number;
  readonly authorization: string;
  readonly body: string;
}

/** `batch`: the body is that of a batch. */
export function requestText({ port, authorization, body }: RequestFacts, batch?: 'batch'): string {
  return [
    `POST /api/v1/runs${batch === undefined ? '' : '/batch'} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
