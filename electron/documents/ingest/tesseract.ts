import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { OcrFacts } from './extract/ocr.ts';

const usual: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/bin', '/usr/local/bin'],
  darwin: ['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin'],
  win32: ['C:\\Program Files\\Tesseract-OCR', 'C:\\Program Files (x86)\\Tesseract-OCR'],
};

/** The system's own Tesseract, by the search path and the usual places; null where there is none. */
export async function findTesseract(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | null> {
  const name = platform === 'win32' ? 'tesseract.exe' : 'tesseract';
  const folders = [...path.split(delimiter), ...(usual[platform] ?? [])];
  for (const folder of folders) {
    if (folder === '') continue;
    const command = join(folder, name);
    const found = await access(command, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return command;
  }
  return null;
}

export interface OcrChoice {
  readonly ocr: boolean;
  readonly ocrLanguages: string;
}

/** What reading a document may use for pictures of text: null while the setting is off. */
export async function ocrFacts(choice: OcrChoice, path: string): Promise<OcrFacts | null> {
  if (!choice.ocr) return null;
  return { command: await findTesseract(path), languages: choice.ocrLanguages };
}
