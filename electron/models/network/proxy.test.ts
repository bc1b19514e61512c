import { describe, expect, it } from 'vitest';
import { environmentProxy, readSystemAnswer } from './proxy.ts';

describe('what the system says about a proxy', () => {
  it.each([
    ['DIRECT', 'none'],
    ['', 'none'],
    ['PROXY proxy.example:8080; DIRECT', 'http://proxy.example:8080'],
    ['HTTPS proxy.example:443', 'https://proxy.example'],
    ['SOCKS5 127.0.0.1:1080;DIRECT', 'socks5://127.0.0.1:1080'],
    ['SOCKS 127.0.0.1:1080', 'socks5://127.0.0.1:1080'],
    ['QUIC a.example:1; PROXY b.example:2', 'http://b.example:2'],
    ['PROXY not/a/place; DIRECT', 'none'],
  ])('%j: %s', (answer, read) => expect(readSystemAnswer(answer)).toBe(read));

  it('the variables are told by host, never with their password', () => {
    expect(environmentProxy({})).toBeNull();
    expect(environmentProxy({ https_proxy: 'http://user:secret@proxy.example:3128' })).toBe(
      'proxy.example:3128',
    );
    expect(environmentProxy({ ALL_PROXY: 'socks5://proxy.example:1080' })).toBe(
      'proxy.example:1080',
    );
    expect(environmentProxy({ HTTPS_PROXY: 'user:secret@' })).toBe('?');
  });
});
