import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extract } from '../../electron/documents/ingest/extract/index.ts';
import type { OcrFacts } from '../../electron/documents/ingest/extract/ocr.ts';
import { findTesseract, ocrFacts } from '../../electron/documents/ingest/tesseract.ts';
import { linesAt, makePdf } from '../support/make-documents.ts';

// A program that answers like Tesseract: two words of a picture of 40 × 20, and a guess that does not count.
const table = [
  'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext',
  '1\t1\t0\t0\t0\t0\t0\t0\t40\t20\t-1\t',
  '5\t1\t1\t1\t1\t1\t4\t5\t10\t5\t96.1\tTwo',
  '5\t1\t1\t1\t1\t2\t20\t5\t16\t5\t91.0\twords',
  '5\t1\t1\t1\t1\t3\t38\t5\t2\t5\t3\t~',
].join('\\n');
/** One white pixel as PNG. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==',
  'base64',
);

let folder: string;
const script = async (name: string, body: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
};
const read = (format: 'image' | 'pdf', bytes: Uint8Array, ocr?: OcrFacts) =>
  extract(format, bytes, () => {}, ocr === undefined ? {} : { ocr });

/** A page of 400 × 200 points that is filled by one picture of 40 × 20 pixels. */
async function scan(): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const page = document.addPage([400, 200]);
  const picture = await document.embedPng(pixel);
  page.drawImage(picture, { x: 0, y: 0, width: 400, height: 200 });
  return document.save();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-ocr-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('text recognition', () => {
  it('is off: a picture and a scan say so, each with the way out', async () => {
    const off = { code: 'document-needs-ocr', detail: { reason: 'off' } };
    await expect(read('image', pixel)).rejects.toMatchObject(off);
    await expect(read('pdf', await scan())).rejects.toMatchObject(off);
  });

  it('reads a picture, with the place of each word', async () => {
    const command = await script('tesseract', `cat > /dev/null; printf '${table}'`);
    const { pages } = await read('image', pixel, { command, languages: 'eng' });
    expect(pages[0]).toMatchObject({ text: 'Two words\n\n', isRecognised: true });
    expect(pages[0]?.spans).toEqual([
      [0, 3, 4, 5, 10, 5],
      [4, 9, 20, 5, 16, 5],
    ]);
  });

  it('reads the pages of a pdf that have no text, and places the words on the page', async () => {
    const kept = join(folder, 'input.pnm');
    const command = await script('keeps', `cat > ${kept}; printf '${table}'`);
    const document = await PDFDocument.load(
      await makePdf([{ lines: linesAt([['A page with text.']]) }]),
    );
    const [copied] = await document.copyPages(await PDFDocument.load(await scan()), [0]);
    if (copied !== undefined) document.addPage(copied);
    const { paged, pages } = await read('pdf', await document.save(), {
      command,
      languages: 'eng',
    });
    expect(paged).toBe(true);
    expect(pages.map(({ text }) => text)).toEqual(['A page with text.\n\n', 'Two words\n\n']);
    expect(pages[1]).toMatchObject({ width: 400, height: 200 });
    expect(pages.map(({ isRecognised = false }) => isRecognised)).toEqual([false, true]);
    // The picture is one pixel: places are in pixels of it, so a word at 4 stands four page widths to the right.
    expect(pages[1]?.spans[0]?.slice(2)).toEqual([1600, 1000, 4000, 1000]);
  });

  it('says which languages are missing, and that the program is', async () => {
    const command = await script(
      'lacks',
      `cat > /dev/null; echo "Failed loading language 'xyz'" >&2; exit 1`,
    );
    await expect(read('image', pixel, { command, languages: 'xyz' })).rejects.toMatchObject({
      detail: { reason: 'language', languages: 'xyz' },
    });
    await expect(read('image', pixel, { command: null, languages: 'eng' })).rejects.toMatchObject({
      detail: { reason: 'missing' },
    });
    await expect(
      read('pdf', await scan(), { command: null, languages: 'eng' }),
    ).rejects.toMatchObject({
      detail: { reason: 'missing' },
    });
  });

  it('lets no option in by the name of a language, and survives a program that dies or says nothing', async () => {
    const command = await script('dies', 'kill -9 $$');
    await expect(read('image', pixel, { command, languages: '--help' })).rejects.toMatchObject({
      detail: { reason: 'language' },
    });
    await expect(read('image', pixel, { command, languages: 'eng' })).rejects.toMatchObject({
      detail: { reason: 'failed' },
    });
    const silent = await script('silent', 'cat > /dev/null');
    await expect(read('image', pixel, { command: silent, languages: 'eng' })).rejects.toMatchObject(
      { detail: { reason: 'nothing' } },
    );
  });

  it('finds the program on the search path, and looks for it only when switched on', async () => {
    const command = await script('tesseract', 'true');
    expect(await findTesseract(`/nowhere:${folder}`)).toBe(command);
    expect(await ocrFacts({ ocr: false, ocrLanguages: 'eng' }, folder)).toBeNull();
    expect(await ocrFacts({ ocr: true, ocrLanguages: 'eng+spa' }, folder)).toEqual({
      command,
      languages: 'eng+spa',
    });
  });
});
