/**
 * A stand-in for MAIN, started as a program: starts CORE, asks the miniature something, and tells on
 * stdout what goes on, one JSON line each, until it is killed or its stdin ends.
 * Arguments: data folder, question.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../electron/ipc/client.ts';
import { processTransport } from '../../electron/ipc/process-transport.ts';
import type { CoreContract } from '../../electron/ipc/validators.ts';

const [dataFolder = '', question = ''] = process.argv.slice(2);
const place = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const tell = (facts: object): boolean => process.stdout.write(`${JSON.stringify(facts)}\n`);

const child = spawn(
  process.execPath,
  [
    place('electron/core/process.ts'),
    ...['--data', dataFolder],
    ...['--resources', place('resources')],
  ],
  { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
);
const transport = processTransport(child);
const client = createClient<CoreContract>(transport);
await new Promise<void>((resolve) => {
  transport.onFrame((frame) => {
    if (frame.kind === 'ready') resolve();
  });
});
tell({ core: child.pid });
client.on('models.changed', () => {
  void client.call('models.list', {}).then(
    (models) => {
      for (const { loaded } of models) if (loaded?.pid) tell({ engine: loaded.pid });
    },
    () => {},
  );
});
const { id } = await client.call('conversations.create', {});
const turn = await client.call('chat.send', { conversationId: id, parentId: null, text: question });
tell({ saved: turn.userMessageId, conversation: id });
for await (const { event } of client.open('turn', { turnId: turn.turnId, after: 0 })) {
  tell({ event: event.type, ...('fraction' in event && { fraction: event.fraction }) });
}
process.stdin.resume();
process.stdin.on('end', () => {
  void client.call('private.shutdown', {});
  child.on('exit', (code) => process.exit(code ?? 1));
});
