import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Api } from '../../electron/ipc/contract/index.ts';
import { launch } from '../e2e/support/launch.ts';
import { processes } from '../e2e/support/processes.ts';
import { miniature } from '../model/engine-support.ts';
import { ensurePeer } from './peer/build.ts';
import { cpuMs } from './peer/processes.ts';

const goalMs = 1;
const turns = 60;
const roles = ['MAIN', 'RENDERER', 'GPU and other', 'CORE', 'ENGINE'] as const;
type Role = (typeof roles)[number];

/**
 * `npm run bench overhead`: processor time that one token takes on its way from the engine to the screen,
 * by process, in the real window with the miniature at full speed; ENGINE's less what llama-bench takes
 * to write as many tokens with the same file on one thread. Answers have many lengths: the slope of time
 * over tokens is a token's, what is left is the turn's. Needs a display and `npm run build`. Linux.
 */
export async function run(): Promise<boolean> {
  const own = await llamaMs();
  console.log(`llama.cpp alone          ${own.toFixed(3)} ms of processor time a token`);
  const { app, page, window, close } = await launch({ unpackaged: true });
  try {
    await window.ready();
    await page.evaluate(async () => {
      const { api } = globalThis as unknown as { api: Api };
      // As hot as can be set, so that answers are long.
      await api.settings.set({
        values: { temperature: 2, topK: 0, topP: 1, threads: 1, maxAnswerTokens: 512 },
      });
    });
    await window.send('What is the capital of France?');
    await page.evaluate(finishedAnswer);
    const pid = app.process().pid as number;
    const rows: { readonly tokens: number; readonly used: Record<Role, number> }[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      // Short answers and long ones in turn.
      await page.evaluate(setLength, turn % 2 === 0 ? 16 : 512);
      // A conversation of its own each: what is on the screen stays as long as one answer is.
      await page.getByRole('button', { name: 'New conversation' }).first().click();
      await window.composer().fill(`Tell me a long story about the number ${turn}.`);
      await page.waitForTimeout(300);
      const before = usedBy(pid);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      const tokens = await page.evaluate(finishedAnswer);
      await page.waitForTimeout(300);
      const after = usedBy(pid);
      const used = { ...after };
      for (const role of roles) used[role] -= before[role];
      rows.push({ tokens, used });
    }
    const all = rows.map(({ tokens }) => tokens);
    console.log(`${rows.length} answers of ${Math.min(...all)} to ${Math.max(...all)} tokens`);
    let sum = 0;
    for (const role of roles) {
      const { slope, rest } = line(rows.map(({ tokens, used }) => [tokens, used[role]]));
      const each = role === 'ENGINE' ? Math.max(0, slope - own) : slope;
      sum += each;
      const note = role === 'ENGINE' ? `, ${slope.toFixed(3)} with llama.cpp's own` : '';
      console.log(
        `${role.padEnd(24)} ${each.toFixed(3)} ms a token${note}; ${rest.toFixed(0)} ms a turn`,
      );
    }
    console.log(`all together             ${sum.toFixed(3)} ms a token, wanted: under ${goalMs}`);
    return sum < goalMs;
  } finally {
    await close();
  }
}

/** Least squares. */
function line(points: readonly (readonly [number, number])[]): { slope: number; rest: number } {
  const mean = (at: 0 | 1): number => points.reduce((sum, one) => sum + one[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const both = points.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0);
  const slope = both / points.reduce((sum, one) => sum + (one[0] - x) ** 2, 0);
  return { slope, rest: y - slope * x };
}

async function setLength(maxAnswerTokens: number): Promise<void> {
  const { api } = globalThis as unknown as { api: Api };
  await api.settings.set({ values: { maxAnswerTokens } });
}

/** Runs in the window: waits for the answer being written, and tells its tokens. */
async function finishedAnswer(): Promise<number> {
  const { api } = globalThis as unknown as { api: Api };
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const list = await api.conversations.list();
    if (!list.ok) throw new Error(list.error.message);
    const [latest] = [...list.value].sort((a, b) => b.createdAt - a.createdAt);
    if (latest === undefined) continue;
    const found = await api.conversations.get({ id: latest.id });
    if (!found.ok) throw new Error(found.error.message);
    const last = found.value.messages.at(-1);
    if (last?.role === 'assistant' && last.stats !== null) return last.stats.answerTokens;
  }
}

/** Processor time of the app's processes so far, milliseconds. */
function usedBy(root: number): Record<Role, number> {
  const used = Object.fromEntries(roles.map((role) => [role, 0])) as Record<Role, number>;
  const rows = processes();
  const mine = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of rows) {
      if (!mine.has(parent) || mine.has(pid)) continue;
      mine.add(pid);
      grown = true;
    }
  }
  for (const { pid, command } of rows) {
    if (!mine.has(pid)) continue;
    used[roleOf(pid === root, command)] += cpuMs(pid);
  }
  return used;
}

function roleOf(isRoot: boolean, command: string): Role {
  if (isRoot) return 'MAIN';
  if (/core[/\\]process\.(js|ts)/.test(command)) return 'CORE';
  if (/engine[/\\]process\.(js|ts)/.test(command)) return 'ENGINE';
  return command.includes('--type=renderer') ? 'RENDERER' : 'GPU and other';
}

/** What llama-bench takes for a token of the miniature: the difference of a long and a short run. */
async function llamaMs(): Promise<number> {
  const { bench } = await ensurePeer();
  const counts = [128, 384] as const;
  const rounds = 6;
  const used: number[] = [];
  for (const count of counts) {
    const command = `"$0" -m "$1" -p 0 -n ${count} -t 1 -ngl 0 -fa 1 -r ${rounds} >/dev/null; times`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command, bench, miniature]);
    // The second line of `times` is that of the children: user, then system, as 0m1.5s.
    const words = (stdout.trim().split('\n').at(-1) ?? '').match(/(\d+)m([\d.]+)s/g) ?? [];
    const seconds = words.map((word) => {
      const [, minutes, rest] = /(\d+)m([\d.]+)s/.exec(word) ?? [];
      return Number(minutes) * 60 + Number(rest);
    });
    used.push(seconds.reduce((sum, one) => sum + one, 0) * 1000);
  }
  const [short = 0, long = 0] = used;
  // llama-bench warms up with one token a test.
  return (long - short) / ((counts[1] - counts[0]) * rounds);
}
