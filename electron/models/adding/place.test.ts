import { describe, expect, it } from 'vitest';
import { readAddress, readPasted } from './place.ts';

const reason = (work: () => unknown): unknown => {
  try {
    return { accepted: work() };
  } catch (error) {
    return (error as { detail?: { reason?: unknown } }).detail?.reason;
  }
};
const commit = 'a'.repeat(40);
const here = { kind: 'hub', repository: 'ibm-granite/granite-4.0-h-tiny-GGUF' };

describe('what people paste', () => {
  it.each([
    ['ibm-granite/granite-4.0-h-tiny-GGUF', null, null],
    ['  hf:ibm-granite/granite-4.0-h-tiny-GGUF\n', null, null],
    ['https://huggingface.co/ibm-granite/granite-4.0-h-tiny-GGUF', null, null],
    ['https://hf.co/ibm-granite/granite-4.0-h-tiny-GGUF?library=x#files', null, null],
    [`https://huggingface.co/ibm-granite/granite-4.0-h-tiny-GGUF/tree/${commit}`, commit, null],
    [
      'https://huggingface.co/ibm-granite/granite-4.0-h-tiny-GGUF/blob/main/a/m.gguf',
      'main',
      'a/m.gguf',
    ],
  ])('%s is a place on the hub', (text, revision, file) => {
    expect(readPasted(text, null)).toEqual({ ...here, revision, file });
  });

  it('lmstudio#474, jan#2126: a mirror’s addresses are places, too, also below a path', () => {
    const mirror = 'https://mirror.example/hf';
    const text = `${mirror}/ibm-granite/granite-4.0-h-tiny-GGUF/resolve/main/m.gguf`;
    expect(readPasted(text, mirror)).toEqual({ ...here, revision: 'main', file: 'm.gguf' });
    expect(readPasted('https://mirror.example/other/m.gguf', mirror)).toMatchObject({
      kind: 'address',
    });
  });

  it('takes the address of a GGUF file anywhere, with its query and without its fragment', () => {
    expect(readPasted('https://files.example/a%20b/Model.GGUF?key=1#x', null)).toEqual({
      kind: 'address',
      url: 'https://files.example/a%20b/Model.GGUF?key=1',
      file: 'Model.GGUF',
    });
    expect(readAddress('http://127.0.0.1:80/m.gguf').file).toBe('m.gguf');
  });

  it.each([
    ['', 'place'],
    ['granite', 'place'],
    ['../../etc/passwd', 'place'],
    ['owner/..', 'place'],
    ['owner/name/../../x.gguf', 'place'],
    [`o/${'n'.repeat(3000)}`, 'place'],
    ['https://huggingface.co/o/n/resolve/main/..%2f..%2fx.gguf', 'place'],
    ['https://huggingface.co/o/n/resolve/main/%zz.gguf', 'place'],
    ['file:///etc/passwd', 'scheme'],
    ['ftp://host/m.gguf', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['data:text/plain,m.gguf', 'scheme'],
    ['http://files.example/m.gguf', 'scheme'],
    ['http://localhost.evil.example/m.gguf', 'scheme'],
    ['https://user:secret@huggingface.co/o/n', 'credentials'],
    ['https://user@files.example/m.gguf', 'credentials'],
    ['https://huggingface.co@evil.example/o/n', 'credentials'],
    ['https://files.example/', 'kind'],
    ['https://files.example/m.safetensors', 'kind'],
    ['https://files.example/%00.gguf', 'kind'],
    ['https://files.example/a%5cb.gguf', 'kind'],
    ['https://files.example/%zz.gguf', 'place'],
    ['https://huggingface.co.evil.example/o/n', 'kind'],
  ])('refuses %j by its reason', (text, why) => {
    expect(reason(() => readPasted(text, null))).toBe(why);
  });
});
