import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../electron/ipc/client.ts';
import { processTransport } from '../../electron/ipc/process-transport.ts';
import type { CoreContract } from '../../electron/ipc/validators.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const seconds = 60;
/** Percent of one core: an app that rests, and what watching its memory may add. */
const allowed = { idle: 1, looking: 1.5 };
/** The kernel counts processor time in these. */
const ticksPerSecond = 100;

/** Seconds of one core that processes have used so far, over all their threads. */
function used(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which may hold spaces: state is field 3, user and system time are 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond;
}

/**
 * `npm run bench idle`: the processor time of CORE and ENGINE with a loaded model that nobody asks
 * anything, over a minute; then over another one in which a window looks at the memory view. Linux.
 */
export async function run(): Promise<boolean> {
  const data = mkdtempSync(path.join(tmpdir(), 'quarry-idle-'));
  const core = spawn(
    process.execPath,
    [
      path.join(root, 'electron/core/process.ts'),
      ...['--data', data],
      ...['--resources', path.join(root, 'resources')],
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  );
  try {
    const transport = processTransport(core);
    const client = createClient<CoreContract>(transport);
    await new Promise<void>((resolve) => {
      transport.onFrame((frame) => {
        if (frame.kind === 'ready') resolve();
      });
    });
    const { id } = await client.call('conversations.create', {});
    const turn = await client.call('chat.send', {
      conversationId: id,
      parentId: null,
      text: 'What is the capital of France?',
    });
    for await (const { event } of client.open('turn', { turnId: turn.turnId, after: 0 }))
      void event;
    const [loaded] = await client.call('memory.loaded', {});
    if (loaded === undefined || core.pid === undefined) throw new Error('no model was loaded');
    const pids = [core.pid, loaded.sample.pid];
    // Turns are sampled more often for a while; the figure is about an app that rests.
    await pause(20_000);

    const over = async (name: string, work: () => Promise<void>): Promise<number> => {
      const before = used(pids);
      const begun = performance.now();
      await work();
      const percent = ((used(pids) - before) / ((performance.now() - begun) / 1000)) * 100;
      console.log(`${name.padEnd(22)} ${percent.toFixed(2)} % of one core over ${seconds} s`);
      return percent;
    };
    const idle = await over('idle, model loaded', () => pause(seconds * 1000));
    const stopListening = client.on('memory.changed', () => {
      const since = Date.now() - 3_600_000;
      void client.call('memory.loaded', {}).catch(() => undefined);
      void client.call('memory.history', { since, points: 300 }).catch(() => undefined);
    });
    await client.call('memory.loaded', {});
    const looking = await over('memory view looked at', () => pause(seconds * 1000));
    stopListening();
    console.log(`watching adds          ${(looking - idle).toFixed(2)} %`);
    await client.call('private.shutdown', {}).catch(() => undefined);
    return idle < allowed.idle && looking < allowed.looking;
  } finally {
    core.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}
