import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../ipc/client.ts';
import type { CoreStatus } from '../ipc/contract/index.ts';
import type { Frame } from '../ipc/frames.ts';
import { createMemoryPair } from '../ipc/memory-transport.ts';
import type { CoreContract } from '../ipc/validators.ts';
import { helpWithNetwork } from './network.ts';

const token = 'hf_secretSECRETsecret';

function setUp(resolveProxy: (url: string) => Promise<string>) {
  const [main, core] = createMemoryPair();
  const frames: Frame[] = [];
  core.onFrame((frame) => {
    frames.push(frame);
    if (frame.kind !== 'call') return;
    core.post({ kind: 'answer', id: frame.id, result: { ok: true, value: null } });
  });
  const listeners: ((status: CoreStatus) => void)[] = [];
  const logged: unknown[] = [];
  let kept: { token: string; since: number } | null = { token, since: 7 };
  const status: CoreStatus = { state: 'starting', restarts: 0, error: null };
  const session = vi.fn(() => ({
    setProxy: async () => {},
    forceReloadProxyConfig: async () => {},
    resolveProxy,
  }));
  const help = helpWithNetwork({
    core: {
      client: createClient<CoreContract>(main),
      status,
      onStatus: (listener) => {
        listeners.push(listener);
        return () => {};
      },
    },
    token: { read: () => kept } as never,
    proxySession: session as never,
    log: (...line) => void logged.push(line),
  });
  return {
    help,
    frames,
    logged,
    session,
    ready: () => listeners.forEach((tell) => tell({ ...status, state: 'ready' })),
    forget: () => (kept = null),
    ask: (url: string) =>
      core.post({ kind: 'push', name: 'private.askProxy', data: { id: '1', url } }),
  };
}
const args = (frames: readonly Frame[], name: string) =>
  frames.flatMap((frame) => (frame.kind === 'call' && frame.name === name ? [frame.args] : []));

describe('what CORE gets of Electron', () => {
  it('the token at each start of CORE, before anything else, and never in a log', async () => {
    const made = setUp(async () => 'DIRECT');
    made.ready();
    made.ready();
    expect(args(made.frames, 'private.token')).toEqual([]);
    await vi.waitFor(() =>
      expect(args(made.frames, 'private.token')).toEqual([
        { token, since: 7 },
        { token, since: 7 },
      ]),
    );
    made.forget();
    await made.help.handToken();
    expect(args(made.frames, 'private.token').at(-1)).toEqual({ token: null, since: null });
    expect(JSON.stringify(made.logged)).not.toContain('SECRET');
  });

  it('the system’s proxy when it asks, and not before', async () => {
    const made = setUp(async (url) => `PROXY for.${new URL(url).host}:1`);
    made.ready();
    expect(made.session).not.toHaveBeenCalled();
    made.ask('https://hub.example/');
    await vi.waitFor(() =>
      expect(args(made.frames, 'private.proxy')).toEqual([
        { id: '1', answer: 'PROXY for.hub.example:1' },
      ]),
    );
  });

  it('an answer even when the system gives none', async () => {
    const made = setUp(async () => {
      throw new Error('no such thing');
    });
    made.ask('https://hub.example/');
    await vi.waitFor(() =>
      expect(args(made.frames, 'private.proxy')).toEqual([{ id: '1', answer: 'DIRECT' }]),
    );
  });
});
