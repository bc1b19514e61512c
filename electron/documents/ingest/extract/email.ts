import PostalMime from 'postal-mime';
import type { Address, Email } from 'postal-mime';
import type { Beat, Extracted } from './extracted.ts';
import { unreadable } from './extracted.ts';
import { readHtml } from './html.ts';
import { createPages, oneLine } from './sections.ts';
import type { Pages } from './sections.ts';

const deepestParts = 32;
const mostHeaders = 512 * 1024;
const mostMessages = 100_000;

/** One message: who, when, about what, then its text; of attachments the names. Nothing is fetched. */
export async function extractEml(bytes: Uint8Array): Promise<Extracted> {
  const pages = createPages();
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  if (!/^[!-9;-~]+[ \t]*:/m.test(start.toString('latin1'))) {
    throw unreadable('the file is no e-mail message');
  }
  await addMessage(bytes, pages);
  return pages.end({ paged: false });
}

/** A mailbox: one part for each message, in the file's order (RFC 4155). A damaged message costs itself. */
export async function extractMbox(bytes: Uint8Array, beat: Beat): Promise<Extracted> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.toString('latin1', 0, 5) !== 'From ') throw unreadable('the file is no mailbox');
  const pages = createPages();
  let read = 0;
  for (const message of messagesOf(buffer)) {
    await addMessage(message, pages).then(
      () => (read += 1),
      (error: unknown) => {
        if ((error as { code?: unknown }).code === 'document-too-large') throw error;
      },
    );
    beat();
  }
  if (read === 0) throw unreadable('no message of the mailbox could be read');
  return pages.end({ paged: false });
}

/** Messages begin at a line "From " after an empty line; lines of text like it are written with a ">". */
function* messagesOf(mailbox: Buffer): Generator<Buffer> {
  let from = 0;
  for (let count = 0; from < mailbox.length && count < mostMessages; count += 1) {
    let to = mailbox.indexOf('\nFrom ', from);
    while (to > 0 && !/\n\r?$/.test(mailbox.toString('latin1', Math.max(0, to - 2), to))) {
      to = mailbox.indexOf('\nFrom ', to + 1);
    }
    if (to < 0) to = mailbox.length;
    const line = mailbox.indexOf('\n', from);
    if (line >= 0 && line < to) yield mailbox.subarray(line + 1, to);
    from = to + 1;
  }
}

async function addMessage(bytes: Uint8Array, pages: Pages): Promise<void> {
  let email: Email;
  try {
    email = await PostalMime.parse(bytes, {
      maxNestingDepth: deepestParts,
      maxHeadersSize: mostHeaders,
      attachmentEncoding: 'arraybuffer',
    });
  } catch (error) {
    throw unreadable('the message is damaged', error);
  }
  const subject = oneLine(email.subject ?? '');
  pages.part({ kind: 'message', title: subject });
  const head = [
    ['From', namesOf(email.from === undefined ? [] : [email.from])],
    ['To', namesOf(email.to ?? [])],
    ['Cc', namesOf(email.cc ?? [])],
    ['Date', email.date ?? ''],
    ['Subject', subject],
    [
      'Attachments',
      email.attachments
        .map(({ filename }) => filename ?? '')
        .filter(Boolean)
        .join(', '),
    ],
  ].filter(([, value]) => value !== '');
  // A mailbox marks lines that begin like a new message.
  const body = (email.text ?? '').replace(/^>(>*From )/gm, '$1').trim();
  const pieces =
    body === '' && email.html !== undefined
      ? readHtml(email.html, false).pieces
      : body.split(/\n[ \t]*(?:\r?\n[ \t]*)+/).map((text) => ({ text, level: null }));
  if (head.length === 0 && pieces.every(({ text }) => text.trim() === '')) return;
  pages.add({ text: head.map(([name, value]) => `${name}: ${value}`).join('\n'), level: null });
  for (const piece of pieces) pages.add(piece);
}

function namesOf(addresses: readonly Address[]): string {
  return addresses
    .slice(0, 100)
    .flatMap((each) => (each.group === undefined ? [each] : each.group))
    .map(({ name, address }) =>
      oneLine(name === '' ? (address ?? '') : `${name}${address ? ` <${address}>` : ''}`),
    )
    .join(', ');
}
