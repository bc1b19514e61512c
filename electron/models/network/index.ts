import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Announcer, Clock, Log } from '../../core/ports.ts';
import { readEndpoint } from '../../ipc/addresses.ts';
import { AppError } from '../../ipc/app-error.ts';
import type { NetworkStatus, Settings } from '../../ipc/contract/index.ts';
import type { CoreHandlers, HandlersOf } from '../../ipc/handlers.ts';
import { createHttp, endpointOf, hub } from '../download/http.ts';
import type { Http } from '../download/ports.ts';
import type { Keys } from '../verify/keys.ts';
import { createAuthority } from './authority.ts';
import { testConnection } from './check.ts';
import { createProxyChoice, environmentProxy } from './proxy.ts';
import type { Environment, SystemProxy } from './proxy.ts';
import { createToken } from './token.ts';

export type { SystemProxy } from './proxy.ts';

export interface NetworkPorts {
  readonly settings: { get(): Settings };
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  /** The profile; keeps the certificate authority in its folder `network`. */
  readonly dataFolder: string;
  /** HF_ENDPOINT, HF_TOKEN and the proxy variables. */
  readonly environment: Environment;
  /** Asked where the setting is 'system' and no variable tells a proxy. */
  readonly systemProxy?: SystemProxy;
}

export interface Network {
  /** Every connection of CORE goes through here, made by the settings of its moment. */
  readonly http: Http;
  /** Mirror of the settings, else HF_ENDPOINT, else null for the hub itself. Throws 'invalid-argument'. */
  endpoint(): string | null;
  /**
   * Says before a long run what would only make it fail: throws 'invalid-argument' for the mirror,
   * 'proxy-invalid', 'authority-invalid', 'token-file-open', 'token-invalid'.
   */
  check(): Promise<void>;
  handlers(keys: Keys): HandlersOf<'network'> & Pick<CoreHandlers, 'private.token'>;
  close(): Promise<void>;
}

type Line = ReturnType<typeof createHttp>;

/** How CORE reaches the network. Nothing is asked here unless a caller asks, and callers do when people do. */
export function createNetwork(ports: NetworkPorts): Network {
  const { settings, environment, log } = ports;
  const token = createToken(ports);
  const authority = createAuthority(join(ports.dataFolder, 'network'));
  const proxyFor = createProxyChoice({
    settings,
    environment,
    systemProxy: ports.systemProxy ?? (async () => null),
    now: ports.clock.now,
  });
  /** Lines of the settings as they are now, by what they were made of. */
  let lines = new Map<string, Line>();
  /** What all of `lines` have in common. */
  let made = '';
  const leaving = new Map<Line, Promise<void>>();
  const stop = new AbortController();

  const endpoint = (): string | null => {
    const given = settings.get().mirror ?? endpointOf(environment);
    return given === null ? null : readEndpoint(given);
  };

  const authorityStamp = (): string => {
    const facts = statSync(authority.file, { throwIfNoEntry: false });
    return facts === undefined ? '' : `${facts.mtimeMs} ${facts.size}`;
  };

  /** Lines of other settings take no new request; what they carry now may end. */
  const retire = (): void => {
    for (const line of lines.values()) {
      const gone = (): void => void leaving.delete(line);
      leaving.set(line, line.retire().then(gone, gone));
    }
    lines = new Map();
  };

  const lineFor = async (url: string): Promise<Line> => {
    const { proxy, bypass } = await proxyFor(url);
    const stamp = authorityStamp();
    const { proxyMode, proxyAddress } = settings.get();
    const now = JSON.stringify([endpoint(), proxyMode, proxyAddress, bypass, stamp]);
    if (now !== made) retire();
    made = now;
    const known = lines.get(proxy);
    if (known !== undefined) return known;
    const line = createHttp(
      {
        endpoint: endpoint(),
        proxy,
        bypass,
        caFile: stamp === '' ? null : authority.file,
        token: () => token.read(),
      },
      environment,
    );
    lines.set(proxy, line);
    return line;
  };

  const http: Http = {
    start: (url) => {
      const base = endpoint();
      const isHubs = url === hub || url.startsWith(`${hub}/`);
      return base !== null && isHubs ? base + url.slice(hub.length) : url;
    },
    open: async (request) => (await lineFor(request.url)).open(request),
  };

  const check = async (): Promise<void> => {
    const address = endpoint() ?? hub;
    await proxyFor(address);
    await authority.facts();
    token.check();
  };

  const status = async (keys: Keys): Promise<NetworkStatus> => {
    const { mirror } = settings.get();
    const given = endpointOf(environment);
    let address = hub;
    let isRefused = false;
    try {
      address = endpoint() ?? hub;
    } catch {
      isRefused = true;
    }
    const from = mirror !== null ? 'setting' : given !== null && !isRefused ? 'environment' : 'hub';
    return {
      endpoint: { address, from, overridden: mirror === null ? null : given, isRefused },
      environmentProxy: environmentProxy(environment),
      authority: await authority.facts(),
      token: token.source(),
      keys: await keys.status(),
    };
  };
  const changed = (): void => ports.announcer.push('settings.changed', {});

  return {
    http,
    endpoint,
    check,
    handlers: (keys) => ({
      'network.status': () => status(keys),
      'network.test': async () => {
        await check();
        const address = endpoint() ?? hub;
        const { proxy } = await proxyFor(address);
        const result = await testConnection({
          http,
          address,
          proxy: proxy === 'system' ? environmentProxy(environment) : hostOf(proxy),
          hasToken: token.read() !== null,
          signal: stop.signal,
        });
        log.info('network.test', { outcome: result.outcome, status: result.status ?? 0 });
        return result;
      },
      'network.addAuthority': async ({ paths }) => {
        const [path] = paths;
        if (path === undefined) throw new AppError('invalid-argument', 'one path is needed');
        await authority.add(path);
        changed();
        return status(keys);
      },
      'network.removeAuthority': async () => {
        await authority.remove();
        changed();
        return status(keys);
      },
      'network.refreshKeys': async () => {
        await check();
        const fresh = await keys.refresh();
        changed();
        return fresh;
      },
      'private.token': ({ token: text, since }) => {
        token.hand(text, since);
        changed();
        return null;
      },
    }),
    async close() {
      stop.abort();
      await Promise.all([...lines.values(), ...leaving.keys()].map((line) => line.close()));
      await Promise.all(leaving.values());
    },
  };
}

const hostOf = (proxy: string): string | null => URL.parse(proxy)?.host ?? null;
