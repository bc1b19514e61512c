import { addMessage } from '../../electron/storage/repositories/messages.ts';
import { createConversation } from '../../electron/storage/repositories/conversations.ts';
import { openDatabase } from '../../electron/storage/open.ts';

// Writes messages until it is killed; a number on standard output says that this one was saved.
const [file = '', prefix = ''] = process.argv.slice(2);
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const clock = { now: () => Date.now() };
const { db } = openDatabase({ file, clock, log: quiet, backupFolder: `${file}.backups` });
createConversation(db, { id: prefix, modelId: null, scope: { kind: 'none' }, at: clock.now() });
// Whoever holds only `db` holds the lock too: garbage goes before the others try.
globalThis.gc?.();
process.stdout.write('open\n');
const write = (number: number): void => {
  addMessage(db, {
    id: `${prefix}-${number}`,
    conversationId: prefix,
    parentId: null,
    role: 'user',
    text: `message ${number} `.repeat(40),
    status: 'complete',
    at: clock.now(),
  });
  process.stdout.write(`${number}\n`, () => setImmediate(write, number + 1));
};
write(1);
