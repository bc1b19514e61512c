import type { Session } from 'electron';
import type { CoreProcess } from './core-process.ts';
import type { TokenStore } from './token-store.ts';

export interface NetworkHelp {
  /** Gives CORE the token as it is now. */
  handToken(): Promise<void>;
}

/**
 * What CORE needs of Electron to reach the network: the token that the system's keychain opens, and
 * the proxy that the system's settings name. Neither asks the network by itself; a proxy is looked up
 * when CORE is about to connect, which it does when a person asks.
 * @param proxySession a session of its own: the window's has no proxy and no network.
 */
export function helpWithNetwork(ports: {
  readonly core: Pick<CoreProcess, 'client' | 'status' | 'onStatus'>;
  readonly token: TokenStore;
  readonly proxySession: () => Pick<
    Session,
    'setProxy' | 'forceReloadProxyConfig' | 'resolveProxy'
  >;
  readonly log: (event: string, facts?: Readonly<Record<string, string>>) => void;
}): NetworkHelp {
  const { core, token, log } = ports;
  const handToken = async (): Promise<void> => {
    const kept = token.read();
    await core.client.call('private.token', {
      token: kept?.token ?? null,
      since: kept === null ? null : Math.round(kept.since),
    });
  };
  const handOrNote = (): void => {
    handToken().catch(() => log('token.notHanded'));
  };
  core.onStatus(({ state }) => {
    if (state === 'ready') handOrNote();
  });
  // Before the calls that wait for it.
  if (core.status.state === 'ready') handOrNote();

  const resolve = async (url: string): Promise<string> => {
    const session = ports.proxySession();
    await session.setProxy({ mode: 'system' });
    // The settings may have changed since they were last read.
    await session.forceReloadProxyConfig();
    return session.resolveProxy(url);
  };
  core.client.on('private.askProxy', ({ id, url }) => {
    void resolve(url)
      .catch(() => 'DIRECT')
      .then((answer) => core.client.call('private.proxy', { id, answer }))
      .catch(() => log('proxy.notTold'));
  });
  return { handToken };
}
