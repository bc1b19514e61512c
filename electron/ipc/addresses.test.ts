import { describe, expect, it } from 'vitest';
import { readProxy } from './addresses.ts';

describe('the address of a proxy', () => {
  it.each([
    ['http://proxy.example:8080', 'http://proxy.example:8080'],
    [' https://proxy.example/ ', 'https://proxy.example'],
    ['socks5://127.0.0.1:1080', 'socks5://127.0.0.1:1080'],
    ['proxy.example:3128', 'http://proxy.example:3128'],
    ['http://[::1]:3128', 'http://[::1]:3128'],
  ])('takes %s', (text, read) => expect(readProxy(text)).toBe(read));

  it.each([
    ['ftp://proxy.example', 'form'],
    ['socks4://proxy.example', 'form'],
    ['file:///etc/passwd', 'form'],
    ['http://', 'form'],
    ['http://proxy.example/path', 'form'],
    ['http://proxy.example/?a', 'form'],
    ['http://user@proxy.example', 'password'],
    ['http://user:secret@proxy.example', 'password'],
  ])('refuses %s, without quoting it', (text, reason) => {
    expect(() => readProxy(text)).toThrow(
      expect.objectContaining({ code: 'proxy-invalid', detail: { reason } }),
    );
    expect(() => readProxy(text)).toThrow(/^(?!.*secret)/);
  });
});
