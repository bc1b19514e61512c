import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DocumentFormat } from '../../../electron/ipc/contract/index.ts';
import { linesAt, makeDocx, makePdf } from '../../support/make-documents.ts';
import { seededBelow } from '../../support/seeded.ts';

type Random = (below: number) => number;

/** Words with the lengths and repetition of prose: few are frequent, most are rare. */
function vocabulary(random: Random): () => string {
  const syllables =
    'ba do ker lin mo nar pi rus ta vel stra chen gou hil jan quo zer fam wex yu'.split(' ');
  const words = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 1 + random(4) }, () => syllables[random(syllables.length)]).join(''),
  );
  return () => words[Math.floor((random(1_000_000) / 1_000_000) ** 3 * words.length)] ?? '';
}

export interface Texts {
  readonly random: Random;
  readonly words: (count: number) => string;
  readonly paragraph: () => string;
}

export function createTexts(seed: number): Texts {
  const random = seededBelow(seed);
  const word = vocabulary(random);
  const words = (count: number): string => Array.from({ length: count }, word).join(' ');
  const sentence = (): string => {
    const text = words(6 + random(14));
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  };
  return {
    random,
    words,
    paragraph: () => Array.from({ length: 3 + random(5) }, sentence).join(' '),
  };
}

const many = (count: number, make: (index: number) => string, between: string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(between);

/** A file of about so many characters of text. Formats that are missing here are not measured. */
export const generators: Partial<
  Record<string, (texts: Texts, characters: number) => Promise<Uint8Array | string> | string>
> = {
  txt: ({ paragraph }, size) => many(Math.ceil(size / 430), paragraph, '\n\n'),
  md: ({ paragraph, words }, size) =>
    many(
      Math.ceil(size / 1400),
      (at) =>
        `${'#'.repeat(1 + (at % 3))} ${words(4)}\n\n${paragraph()}\n\n- ${words(9)}\n- ${words(8)}\n\n${paragraph()} **${words(2)}**\n\n| a | b |\n|---|---|\n| ${words(3)} | ${at} |`,
      '\n\n',
    ),
  html: ({ paragraph, words }, size) =>
    `<!doctype html><html><head><title>${words(3)}</title></head><body><main>${many(
      Math.ceil(size / 1400),
      (at) =>
        `<h${1 + (at % 3)}>${words(4)}</h${1 + (at % 3)}><p>${paragraph()}</p><ul><li>${words(9)}</li><li>${words(8)}</li></ul><p class="x">${paragraph()} <b>${words(2)}</b></p><table><tr><th>a</th><th>b</th></tr><tr><td>${words(3)}</td><td>${at}</td></tr></table>`,
      '\n',
    )}</main></body></html>`,
  rst: ({ paragraph, words }, size) =>
    many(
      Math.ceil(size / 900),
      () => `${words(3)}\n${'='.repeat(40)}\n\n${paragraph()}\n\n${paragraph()}`,
      '\n\n',
    ),
  csv: ({ words, random }, size) =>
    `town,year,words,count\n${many(Math.ceil(size / 60), (at) => `${words(1)},${1900 + (at % 120)},${words(5)},${random(9999)}`, '\n')}\n`,
  tsv: ({ words, random }, size) =>
    `town\tyear\twords\tcount\n${many(Math.ceil(size / 60), (at) => `${words(1)}\t${1900 + (at % 120)}\t${words(5)}\t${random(9999)}`, '\n')}\n`,
  json: ({ words }, size) =>
    JSON.stringify(
      Array.from({ length: Math.ceil(size / 110) }, (_, id) => ({
        id,
        name: words(2),
        text: words(10),
      })),
      null,
      1,
    ),
  jsonl: ({ words }, size) =>
    many(
      Math.ceil(size / 110),
      (id) => JSON.stringify({ id, name: words(2), text: words(10) }),
      '\n',
    ),
  code: ({ words }, size) =>
    many(
      Math.ceil(size / 220),
      (at) =>
        `/** ${words(9)} */\nexport function f${at}(a, b) {\n  const value = a + b * ${at};\n  // ${words(6)}\n  return value;\n}`,
      '\n\n',
    ),
  eml: ({ paragraph, words }, size) =>
    `From: a@example.org\nTo: b@example.org\nSubject: ${words(4)}\nDate: Mon, 5 Jan 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n${many(Math.ceil(size / 430), paragraph, '\n\n')}\n`,
  ipynb: ({ paragraph }, size) =>
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: Array.from({ length: Math.ceil(size / 500) }, (_, at) => ({
        cell_type: 'markdown',
        metadata: {},
        source: [`## Part ${at}\n`, '\n', paragraph()],
      })),
    }),
  rtf: ({ paragraph }, size) =>
    `{\\rtf1\\ansi ${many(Math.ceil(size / 430), paragraph, '\\par\n')}}`,
  pdf: ({ words }, size) =>
    makePdf(
      Array.from({ length: Math.ceil(size / 2800) }, () => ({
        lines: linesAt(Array.from({ length: 7 }, () => Array.from({ length: 5 }, () => words(12)))),
      })),
    ),
  docx: ({ paragraph, words }, size) =>
    makeDocx(
      Array.from({ length: Math.ceil(size / 1000) }, () => [
        { heading: words(4), level: 2 as const },
        { text: paragraph() },
        { text: paragraph() },
        { list: [words(6), words(7)] },
      ]).flat(),
    ),
};

/** Name endings where a format's own name is none. */
const endings: Partial<Record<string, string>> = { code: 'ts' };
/** Characters of text in each file, and files: enough work to measure, little enough for a minute. */
const amounts: Partial<Record<string, readonly [characters: number, files: number]>> = {
  pdf: [120_000, 20],
  docx: [120_000, 25],
};

/** Files of one format in a folder of their own. Null without a generator. */
export async function makeFiles(
  format: DocumentFormat,
  root: string,
): Promise<{ readonly folder: string; readonly bytes: number } | null> {
  const generate = generators[format];
  if (generate === undefined) return null;
  const [characters, files] = amounts[format] ?? [400_000, 40];
  const folder = path.join(root, format);
  mkdirSync(folder, { recursive: true });
  const texts = createTexts(7);
  let bytes = 0;
  const ending = endings[format] ?? format;
  for (let at = 0; at < files; at += 1) {
    const content = await generate(texts, characters);
    writeFileSync(path.join(folder, `${at}.${ending}`), content);
    bytes += Buffer.byteLength(content);
  }
  return { folder, bytes };
}

/**
 * A folder of so many bytes as people have them: nine tenths are PDFs of 8 pages with pictures (noise that
 * nothing shows), the rest text of several kinds, among it files of 8 MB.
 */
export async function makeBigFolder(folder: string, bytes: number): Promise<number> {
  const texts = createTexts(11);
  mkdirSync(folder, { recursive: true });
  let made = 0;
  for (let at = 0; made < bytes; at += 1) {
    const textual = at % 5 === 4;
    const kind = textual ? (['txt', 'md', 'html'] as const)[at % 3] : 'pdf';
    const size = kind === 'pdf' ? 22_000 : at % 50 === 49 ? 8_000_000 : 300_000;
    let content = await generators[kind ?? 'txt']?.(texts, size);
    if (content === undefined) continue;
    if (typeof content !== 'string') content = withPicture(content, at, 4 * 1024 * 1024);
    writeFileSync(path.join(folder, `${at}.${kind}`), content);
    made += Buffer.byteLength(content);
  }
  return made;
}

/** The PDF with a stream of noise that nothing refers to, before its first object: offsets are put right. */
function withPicture(pdf: Uint8Array, seed: number, bytes: number): Uint8Array {
  const random = seededBelow(seed + 1);
  const noise = new Uint8Array(bytes);
  const view = new Uint32Array(noise.buffer);
  for (let at = 0; at < view.length; at += 1) view[at] = random(2 ** 32);
  const comment = Buffer.from('\n% picture\n');
  // Behind the end of the file's own mark a reader looks for the mark again: it is repeated.
  const source = Buffer.from(pdf);
  const tail = source.subarray(source.lastIndexOf('startxref'));
  return Buffer.concat([source, comment, noise, Buffer.from('\n'), tail]);
}
