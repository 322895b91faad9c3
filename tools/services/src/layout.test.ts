import { describe, expect, test } from '@jest/globals';
import { socketPath } from './layout.ts';

describe('the path of the socket', () => {
  test('is in the folder when it fits', () => {
    expect(socketPath('/data/services', '/tmp')).toBe('/data/services/supervisor.sock');
  });

  test('is a short hashed name in the temporary folder when it does not, the same each time and another for another folder', () => {
    const long = `/data/${'deep/'.repeat(30)}services`;
    const path = socketPath(long, '/tmp');
    expect(path).toMatch(/^\/tmp\/mainstay-[0-9a-f]{16}\.sock$/);
    expect(socketPath(long, '/tmp')).toBe(path);
    expect(socketPath(`${long}2`, '/tmp')).not.toBe(path);
  });
});
