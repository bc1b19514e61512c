import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import type { Api } from '../../electron/ipc/contract/index.ts';
import { launch } from '../e2e/support/launch.ts';
import { processes } from '../e2e/support/processes.ts';
import type { Window } from '../e2e/support/window.ts';
import { miniature } from '../model/engine-support.ts';
import { endlessResources } from './endless.ts';
import { number } from './flags.ts';
import { ensurePeer } from './peer/build.ts';
import { cpuMs } from './peer/processes.ts';

const goalMs = 1;
const roles = ['MAIN', 'RENDERER', 'GPU and other', 'CORE', 'ENGINE'] as const;
type Role = (typeof roles)[number];

/** What one answer took. */
interface Turn {
  readonly tokens: number;
  readonly perSecond: number | null;
  /** `script`: of ENGINE's the main thread, which runs JavaScript; its others calculate and sample. */
  readonly used: Readonly<Record<Role | 'script', number>>;
}

/**
 * `npm run bench overhead [-- --turns=24 --pace=25 --paced-turns=10]`: processor time that one token takes
 * on its way from the engine to the screen, by process, in the real window with the app's own sampling
 * and the miniature, made to write on until it is stopped (endless.ts); ENGINE's less what llama-bench
 * takes to write as many tokens with the same file on one thread. Answers are short and long in turn: the
 * slope of time over tokens is a token's, what is left is the turn's. Twice: as fast as the miniature
 * writes, where a picture holds many tokens, and at the speed of a real model (`pace` tokens a second),
 * where nearly each token is a picture of its own. The goal is compared with the first: there the way takes
 * time that tokens could have been made in. The second says what the window takes beside a real model.
 * The machine must have time for it: a window that is starved makes fewer pictures. Needs a display and
 * `npm run build`. Linux.
 */
export async function run(): Promise<boolean> {
  const own = await llamaMs();
  console.log(`llama.cpp alone          ${own.toFixed(3)} ms of processor time a token`);
  const endless = endlessResources();
  const env = { QUARRY_RESOURCES: endless.folder };
  const { app, page, window, close } = await launch({ unpackaged: true, env });
  // Other work on the machine may starve the window: that is no reason to give up.
  page.setDefaultTimeout(300_000);
  try {
    await window.ready();
    await page.evaluate(async () => {
      const { api } = globalThis as unknown as { api: Api };
      await api.settings.set({ values: { threads: 1, maxAnswerTokens: 512 } });
    });
    const pid = app.process().pid as number;
    const one = (index: number, length: number): Promise<Turn> =>
      answer(page, window, pid, index, length);
    const first = await one(0, 128);
    const fast: Turn[] = [];
    for (let turn = 0; turn < number('turns', 24); turn += 1) {
      fast.push(await one(turn, turn % 2 === 0 ? 16 : 512));
    }
    const sum = tell('at full speed', fast, own);
    const pace = number('pace', 25);
    const slow: Turn[] = [];
    const end = slowDown(engineOf(pid), pace, first.perSecond ?? 300);
    try {
      for (let turn = 0; turn < number('paced-turns', 10); turn += 1) {
        slow.push(await one(turn, turn % 2 === 0 ? 16 : 256));
      }
    } finally {
      end();
    }
    tell(`at about ${pace} tokens a second`, slow, own);
    console.log(`wanted: under ${goalMs} ms a token at full speed`);
    return sum < goalMs;
  } finally {
    await close();
    endless.remove();
  }
}

/** One question in a conversation of its own: what is on the screen stays as long as one answer is. */
async function answer(
  page: Page,
  window: Window,
  pid: number,
  index: number,
  length: number,
): Promise<Turn> {
  await page.evaluate(setLength, length);
  await page.getByRole('button', { name: 'New conversation' }).first().click();
  await window.composer().fill(`Tell me a long story about the number ${index}.`);
  await page.waitForTimeout(300);
  const before = usedBy(pid);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const found = await page.evaluate(finishedAnswer);
  await page.waitForTimeout(300);
  const used = usedBy(pid);
  for (const role of [...roles, 'script'] as const) used[role] -= before[role];
  return { ...found, used };
}

/** @returns milliseconds a token, all processes together. */
function tell(how: string, turns: readonly Turn[], own: number): number {
  const all = turns.map(({ tokens }) => tokens);
  const speeds = turns.flatMap(({ perSecond }) => perSecond ?? []).sort((a, b) => a - b);
  const speed = speeds[Math.floor(speeds.length / 2)] ?? 0;
  console.log(
    `\n${how}: ${turns.length} answers of ${Math.min(...all)} to ${Math.max(...all)} tokens, ${speed.toFixed(0)} tokens/s`,
  );
  let sum = 0;
  for (const role of roles) {
    const { slope, rest } = line(turns.map(({ tokens, used }) => [tokens, used[role]]));
    const each = role === 'ENGINE' ? Math.max(0, slope - own) : slope;
    sum += each;
    const script = line(turns.map(({ tokens, used }) => [tokens, used.script])).slope;
    const note =
      role === 'ENGINE'
        ? ` (${script.toFixed(3)} JavaScript; ${slope.toFixed(3)} with llama.cpp's own)`
        : '';
    console.log(
      `${role.padEnd(24)} ${each.toFixed(3)} ms a token${note}; ${rest.toFixed(0)} ms a turn`,
    );
  }
  console.log(`all together             ${sum.toFixed(3)} ms a token`);
  return sum;
}

/**
 * Makes a process write about `pace` tokens a second by halting it in between, which costs it no time of
 * the processor. @returns the way to end that.
 */
function slowDown(pid: number, pace: number, perSecond: number): () => void {
  const goMs = Math.max(1, 1000 / perSecond);
  let halt: ReturnType<typeof setTimeout> | undefined;
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended; the turn tells.
    }
  };
  const every = setInterval(() => {
    signal('SIGCONT');
    clearTimeout(halt);
    halt = setTimeout(() => signal('SIGSTOP'), goMs);
  }, 1000 / pace);
  return () => {
    clearInterval(every);
    clearTimeout(halt);
    signal('SIGCONT');
  };
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

/** Runs in the window: waits for the answer being written looking at nothing but the page. */
async function finishedAnswer(): Promise<{ tokens: number; perSecond: number | null }> {
  const { api } = globalThis as unknown as { api: Api };
  const isOver = (): boolean =>
    document.querySelector('article[aria-busy="false"]') !== null &&
    document.querySelector('article[aria-busy="true"]') === null;
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 200));
  const list = await api.conversations.list();
  if (!list.ok) throw new Error(list.error.message);
  const [latest] = [...list.value].sort((a, b) => b.createdAt - a.createdAt);
  const found = await api.conversations.get({ id: latest?.id ?? '' });
  if (!found.ok) throw new Error(found.error.message);
  const stats = found.value.messages.at(-1)?.stats;
  if (!stats) throw new Error('an answer without figures');
  return { tokens: stats.answerTokens, perSecond: stats.tokensPerSecond };
}

/** The app's processes. */
function family(root: number): { readonly pid: number; readonly role: Role }[] {
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
  return rows
    .filter(({ pid }) => mine.has(pid))
    .map(({ pid, command }) => ({ pid, role: roleOf(pid === root, command) }));
}

/** Processor time of the app's processes so far, milliseconds; `script` = of ENGINE's main thread. */
function usedBy(root: number): Record<Role | 'script', number> {
  const used = { script: 0, ...Object.fromEntries(roles.map((role) => [role, 0])) } as Record<
    Role | 'script',
    number
  >;
  for (const { pid, role } of family(root)) {
    used[role] += cpuMs(pid);
    if (role === 'ENGINE') used.script += cpuMs(pid, pid);
  }
  return used;
}

function engineOf(root: number): number {
  const engine = family(root).find(({ role }) => role === 'ENGINE');
  if (engine === undefined) throw new Error('there is no ENGINE process');
  return engine.pid;
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
