import { describe, expect, test } from '@jest/globals';
import { requireJson } from './content-type.ts';

describe('requireJson', () => {
  test.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"'])(
    'accepts %s',
    (type) => {
      requireJson(type, undefined);
      requireJson(type, 'identity');
    },
  );

  test.each([
    undefined,
    '',
    'text/plain',
    'application/jsonp',
    'application/vnd.api+json',
    'application/json; charset=utf-7',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-8; charset=utf-7',
    'application/json; boundary=x',
    'multipart/form-data; boundary=x',
  ])('refuses %s with UNSUPPORTED_MEDIA_TYPE', (type) => {
    expect(() => {
      requireJson(type, undefined);
    }).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }));
  });

  test.each(['gzip', 'br', 'deflate', 'gzip, identity'])('refuses the content encoding %s', (encoding) => {
    expect(() => {
      requireJson('application/json', encoding);
    }).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }));
  });
});
