import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import type { Api } from '../../electron/ipc/contract/index.ts';
import { writePdf } from './support/fixtures.ts';
import { launch, newProfile } from './support/launch.ts';
import { processesWith, until } from './support/processes.ts';
import { endless } from './support/throttle.ts';
import { inspectDatabase } from './support/database.ts';

const rounds = 20;

test(`kill -9 of MAIN at a random moment, ${rounds} times: no orphan, a sound database, nothing saved is missing`, async () => {
  test.setTimeout(rounds * 60_000);
  const profile = newProfile();
  const saved = new Set<string>();
  // Seeded, so that a failure can be looked at again.
  let seed = 20261122;
  const random = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  for (let round = 0; round < rounds; round += 1) {
    const folder = mkdtempSync(path.join(tmpdir(), 'quarry-e2e-kill-'));
    await writePdf(
      path.join(folder, `round-${round}.pdf`),
      Array.from({ length: 40 }, (_, page) => [
        `Round ${round}, page ${page}.`,
        'The pump of the hall is made by Velmor Works.',
      ]),
    );
    const { app, page, window, pid } = await launch({ profile });
    await window.ready();
    await window.nextDialog([folder]);
    await page.exposeFunction('quarrySaved', (id: string) => saved.add(id));
    // Long answers are killed while they stream, short ones between two saves.
    const question = round % 2 === 0 ? endless : 'What can you do?';
    await page.evaluate(async (text) => {
      const { api, quarrySaved } = globalThis as unknown as {
        api: Api;
        quarrySaved: (id: string) => Promise<void>;
      };
      const paths = await api.shell.pickFolder({ purpose: 'documents' });
      if (paths.ok) void api.documents.add({ paths: paths.value });
      const made = await api.conversations.create({});
      if (!made.ok) throw new Error(made.error.message);
      void (async () => {
        let parentId: string | null = null;
        for (let turn = 0; turn < 1000; turn += 1) {
          const sent = await api.chat.send({
            conversationId: made.value.id,
            parentId,
            text,
          });
          if (!sent.ok) return;
          await quarrySaved(sent.value.userMessageId);
          await new Promise<void>((resolve) => {
            api.open('turn', { turnId: sent.value.turnId, after: 0 }, ({ event }) => {
              if (event.type === 'done' || event.type === 'stopped' || event.type === 'failed')
                resolve();
            });
          });
          await quarrySaved(sent.value.assistantMessageId);
          parentId = sent.value.assistantMessageId;
        }
      })();
    }, question);
    const before = saved.size;
    await until(
      'a message told as saved',
      () => saved.size,
      (seen) => seen > before,
    );
    await page.waitForTimeout(random() * 2500);
    process.kill(pid, 'SIGKILL');
    await app.close().catch(() => undefined);
    await until(
      'no process of the profile',
      () => processesWith(profile),
      (left) => left.length === 0,
      20_000,
    );
    const { integrity, messages } = inspectDatabase(profile);
    expect(integrity).toBe('ok');
    expect([...saved].filter((id) => !messages.has(id))).toEqual([]);
  }
  expect(saved.size).toBeGreaterThanOrEqual(rounds);
});
