import { ValidationError } from '@mainstay/types';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Accepts `application/json`, alone or with `charset=utf-8`, and an identity content encoding; everything else is
 * refused with UNSUPPORTED_MEDIA_TYPE. Only bodies in UTF-8 exist: JSON has no other encoding (RFC 8259).
 */
export function requireJson(contentType: string | undefined, contentEncoding: string | undefined): void {
  if (contentEncoding !== undefined && contentEncoding.trim().toLowerCase() !== 'identity') {
    throw unsupported(`Content-Encoding ${quote(contentEncoding)} is not supported; send the body as it is`);
  }
  if (contentType === undefined) throw unsupported('The request has no Content-Type');
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (type.toLowerCase() !== 'application/json') throw unsupported(`Content-Type ${quote(type)} is not supported`);
  for (const parameter of parameters) requireUtf8(parameter);
}

function requireUtf8(parameter: string): void {
  const [name = '', raw = ''] = parameter.split('=', 2);
  const value = raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : raw;
  if (name.toLowerCase() === 'charset' && TOKEN.test(value) && ['utf-8', 'utf8'].includes(value.toLowerCase())) return;
  throw unsupported(`Content-Type parameter ${quote(parameter)} is not supported; JSON is sent in UTF-8`);
}

function unsupported(message: string): ValidationError {
  return new ValidationError('UNSUPPORTED_MEDIA_TYPE', message);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
