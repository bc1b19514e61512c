import { AppError } from '../../../ipc/app-error.ts';
import type { DocumentFormat } from '../../../ipc/contract/index.ts';
import { startsWith } from './encoding.ts';
import { unreadable } from './extracted.ts';
import { openArchive } from './zip.ts';

/** Formats that are zip archives, by the part that each must have. */
const inArchives = {
  docx: 'word/document.xml',
  pptx: 'ppt/presentation.xml',
  xlsx: 'xl/workbook.xml',
  epub: 'META-INF/container.xml',
} as const;

const oasis: Readonly<Record<string, DocumentFormat>> = {
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.oasis.opendocument.presentation': 'odp',
};

/** What begins a file of a kind that can be told by its first bytes. */
const starts: readonly (readonly [kind: string, bytes: readonly number[]])[] = [
  ['pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['zip', [0x50, 0x4b, 3, 4]],
  ['zip', [0x50, 0x4b, 5, 6]],
  ['ole', [0xd0, 0xcf, 0x11, 0xe0]],
  ['rtf', [0x7b, 0x5c, 0x72, 0x74, 0x66]],
  ['image', [0x89, 0x50, 0x4e, 0x47]],
  ['image', [0xff, 0xd8, 0xff]],
  ['image', [0x47, 0x49, 0x46, 0x38]],
  ['image', [0x49, 0x49, 0x2a, 0]],
  ['image', [0x4d, 0x4d, 0, 0x2a]],
  ['gzip', [0x1f, 0x8b]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
  ['rar', [0x52, 0x61, 0x72, 0x21]],
  ['program', [0x7f, 0x45, 0x4c, 0x46]],
  ['database', [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65]],
];

const archives = new Set<DocumentFormat>(['docx', 'pptx', 'xlsx', 'odt', 'ods', 'odp', 'epub']);

/**
 * Refuses a file that is plainly of another kind than its name says, before a parser makes noise of it.
 * Throws 'document-mismatch' with what it holds, 'document-encrypted' for Office files with a password,
 * 'document-unreadable' for Office files of before 2007 and archives that hold no document.
 */
export function refuseOtherKinds(format: DocumentFormat, bytes: Uint8Array): void {
  const kind = starts.find(([, start]) => startsWith(bytes, start))?.[0];
  if (archives.has(format)) {
    if (kind === 'zip') return refuseOtherArchives(format, bytes);
    if (kind === 'ole') throw oldOffice(bytes);
    if (kind === undefined) throw unreadable('the file is no zip archive');
    throw mismatch(format, kind);
  }
  if (kind === undefined || kind === format) return;
  // Some programs write a line or a mark before these; their own readers look for them.
  if (kind === 'zip') refuseOtherArchives(format, bytes);
  throw mismatch(format, kind);
}

function refuseOtherArchives(format: DocumentFormat, bytes: Uint8Array): void {
  const archive = openArchive(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  for (const [other, part] of Object.entries(inArchives)) {
    if (!archive.has(part)) continue;
    if (other === format) return;
    throw mismatch(format, other);
  }
  const declared = archive.has('mimetype') ? archive.read('mimetype').toString('latin1') : '';
  const other = oasis[declared.trim().replace(/-template$/, '')];
  if (other !== undefined && other !== format) throw mismatch(format, other);
}

const mismatch = (format: DocumentFormat, found: string): AppError =>
  new AppError('document-mismatch', 'the file is not what its name says', {
    detail: { format, found },
  });

/** An OLE file: a document with a password, or one of an Office of before 2007. */
function oldOffice(bytes: Uint8Array): AppError {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.includes(Buffer.from('EncryptedPackage', 'utf16le'))
    ? new AppError('document-encrypted', 'the document has a password')
    : unreadable('the file is an Office document of before 2007');
}
