import { seeded } from '../seeded.ts';
import { utf8 } from './document.ts';
import { zip } from './zip.ts';

export interface Broken {
  readonly extension: string;
  readonly bytes: Uint8Array;
  readonly why: string;
  /** False where a reader may still find text in what is left. */
  readonly mustFail: boolean;
}

/** Twelve files that are not what their names promise. `whole` gives a good file of a format. */
export function brokenFiles(
  whole: (format: 'xlsx' | 'odt' | 'epub' | 'pdf') => Uint8Array,
): Broken[] {
  const random = seeded(99);
  const noise = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const half = (bytes: Uint8Array): Uint8Array => bytes.slice(0, bytes.length >> 1);
  const fails = (extension: string, why: string, bytes: Uint8Array): Broken => ({
    extension,
    why,
    bytes,
    mustFail: true,
  });
  return [
    fails('txt', 'empty', new Uint8Array()),
    fails('csv', 'empty', new Uint8Array()),
    fails('docx', 'noise', noise(9_000)),
    fails('pptx', 'noise', noise(9_000)),
    fails('pdf', 'noise', noise(9_000)),
    fails('xlsx', 'the first half', half(whole('xlsx'))),
    fails('odt', 'the first half', half(whole('odt'))),
    fails('epub', 'the first half', half(whole('epub'))),
    fails('docx', 'an archive of something else', zip([{ name: 'readme', content: 'nothing' }])),
    fails('ipynb', 'no notebook', utf8('{"cells": [')),
    { ...fails('json', 'the first half', utf8('{"records": [{"note": "cut')), mustFail: false },
    { ...fails('pdf', 'the first half', half(whole('pdf'))), mustFail: false },
  ];
}
