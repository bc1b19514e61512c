import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates } from 'node:tls';
import { EnvHttpProxyAgent, Pool, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Http } from './ports.ts';

export const hub = 'https://huggingface.co';

export interface HttpSettings {
  /** Mirror that answers the hub's paths (setting, else HF_ENDPOINT); null = the hub itself. */
  readonly endpoint: string | null;
  /** 'system': the usual environment variables; 'none'; or http://, https://, socks5://. */
  readonly proxy: string;
  /** Hosts reached without an address given as proxy, in the form of NO_PROXY. */
  readonly bypass?: string;
  /** PEM file of certificate authorities that are trusted besides those of Node and the system. */
  readonly caFile: string | null;
  /** Asked for at each request, so that it need not be kept anywhere. */
  token(): string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** HF_ENDPOINT of the environment; null if it is not set. */
export function endpointOf(environment: Environment): string | null {
  return environment['HF_ENDPOINT'] || null;
}

/**
 * Requests through undici: it brings HTTP, HTTPS and SOCKS5 proxies and NO_PROXY, follows no redirect
 * by itself, and never decodes a body. The token goes to the endpoint's own origin and nowhere else,
 * and over plain http only within this machine.
 * Throws what reading the CA file throws.
 */
export function createHttp(
  settings: HttpSettings,
  environment: Environment = process.env,
): Http & { close(): Promise<void>; retire(): Promise<void> } {
  const endpoint = settings.endpoint === null ? hub : settings.endpoint.replace(/\/+$/, '');
  const agent = createAgent(settings, environment);
  const home = new URL(endpoint);
  const private_ = home.protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(home.hostname);

  return {
    start: (url) =>
      url === hub || url.startsWith(`${hub}/`) ? endpoint + url.slice(hub.length) : url,
    async open({ method = 'GET', url, headers, signal }) {
      const token = private_ && new URL(url).origin === home.origin ? settings.token() : null;
      const reply = await request(url, {
        method,
        dispatcher: agent,
        signal,
        headers: {
          'user-agent': 'quarry',
          'accept-encoding': 'identity',
          ...headers,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        // The engine has its own, exact watch over silence.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      // A body that is thrown away reports that as an error nobody asked for.
      reply.body.on('error', () => {});
      return {
        status: reply.statusCode,
        headers: Object.fromEntries(
          Object.entries(reply.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : (value ?? ''),
          ]),
        ),
        body: reply.body,
        discard: () => void reply.body.destroy(),
      };
    },
    close: () => agent.destroy(),
    // Takes no new request; resolves when those under way have ended.
    retire: () => agent.close(),
  };
}

function createAgent(settings: HttpSettings, environment: Environment): EnvHttpProxyAgent {
  const read = (name: string): string | undefined =>
    environment[name.toLowerCase()] || environment[name] || undefined;
  const tls = {
    // Once for all connections: reading some hundred certificates for each would hold everything up.
    secureContext: createSecureContext({
      ca: [
        ...getCACertificates('default'),
        // A firm's own authority usually stands in the system's store.
        ...getCACertificates('system'),
        ...(settings.caFile === null ? [] : [readFileSync(settings.caFile, 'utf8')]),
      ],
    }),
  };
  const system = settings.proxy === 'system';
  const fixed = settings.proxy === 'none' ? '' : settings.proxy;
  const all = read('ALL_PROXY');
  // An empty string is "no proxy", undefined would be "look into the environment".
  const httpProxy = system ? (read('HTTP_PROXY') ?? all ?? '') : fixed;
  const httpsProxy = system ? (read('HTTPS_PROXY') ?? all ?? '') : fixed;
  return new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy,
    noProxy: system ? (read('NO_PROXY') ?? '') : (settings.bypass ?? ''),
    // One connection carries one range: ranges that share one would not be parallel.
    pipelining: 1,
    allowH2: false,
    connect: { ...tls, timeout: 30_000 },
    requestTls: tls,
    clientFactory: proxyClient,
    // With this set undici would also speak TLS to a SOCKS proxy.
    ...([httpProxy, httpsProxy].some((proxy) => proxy.startsWith('https:')) && { proxyTls: tls }),
  });
}

/**
 * The connection to a proxy. One that hangs up instead of answering gives undici an error that it takes
 * for a tired server, and it would ask again at once and for ever, deaf to the signal: as another error
 * it ends the request.
 */
function proxyClient(origin: URL, options: object): Pool {
  const pool = new Pool(origin, options);
  const connect = pool.connect.bind(pool) as (
    options: Dispatcher.ConnectOptions,
  ) => Promise<unknown>;
  const connectOnce = (wanted: Dispatcher.ConnectOptions): Promise<unknown> =>
    connect(wanted).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 'UND_ERR_SOCKET') throw error;
      throw Object.assign(new Error('no proxy response'), { code: 'ECONNRESET', cause: error });
    });
  return Object.assign(pool, { connect: connectOnce as Pool['connect'] });
}
