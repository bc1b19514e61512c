import { AppError } from '../../ipc/app-error.ts';
import type { Settings } from '../../ipc/contract/index.ts';
import { readProxy } from '../../ipc/addresses.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the system's settings say for an address, in the words of a PAC file; null = nobody to ask. */
export type SystemProxy = (url: string) => Promise<string | null>;

/** As `createHttp` takes it: 'system' = the usual variables, 'none', or an address. */
export interface ChosenProxy {
  readonly proxy: string;
  readonly bypass: string;
}

/** How long what the system said holds, ms: one download asks many times. */
const holds = 5_000;

/** The proxy of the usual variables for an https address, host and port only; null = none is set. */
export function environmentProxy(environment: Environment): string | null {
  const read = (name: string): string | undefined =>
    environment[name.toLowerCase()] || environment[name] || undefined;
  const text = read('HTTPS_PROXY') ?? read('ALL_PROXY') ?? read('HTTP_PROXY');
  if (text === undefined) return null;
  // What cannot be read is shown as set, not as it is: it may hold a password.
  return URL.parse(text)?.host || '?';
}

/** The first way of 'PROXY a:1; SOCKS5 b:2; DIRECT' that can be gone: an address, or 'none'. */
export function readSystemAnswer(answer: string): string {
  for (const one of answer.split(';')) {
    const [kind = '', place = ''] = one.trim().split(/\s+/);
    if (kind.toUpperCase() === 'DIRECT') return 'none';
    const scheme = {
      PROXY: 'http',
      HTTP: 'http',
      HTTPS: 'https',
      SOCKS5: 'socks5',
      SOCKS: 'socks5',
    }[kind.toUpperCase()];
    if (scheme === undefined) continue;
    try {
      return readProxy(`${scheme}://${place}`);
    } catch {
      // The next one may be better.
    }
  }
  return 'none';
}

/** Chooses the proxy for an address by the settings. Throws 'proxy-invalid'. */
export function createProxyChoice(ports: {
  readonly settings: { get(): Settings };
  readonly environment: Environment;
  readonly systemProxy: SystemProxy;
  readonly now: () => number;
}): (url: string) => Promise<ChosenProxy> {
  const { environment, now } = ports;
  const told = new Map<string, { readonly at: number; readonly proxy: Promise<string> }>();

  const ask = (origin: string): Promise<string> => {
    const known = told.get(origin);
    if (known !== undefined && now() - known.at < holds) return known.proxy;
    const proxy = ports
      .systemProxy(`${origin}/`)
      .then((answer) => (answer === null ? 'none' : readSystemAnswer(answer)));
    told.set(origin, { at: now(), proxy });
    if (told.size > 100) told.delete(told.keys().next().value!);
    return proxy;
  };

  return async (url) => {
    const { proxyMode, proxyAddress, proxyBypass } = ports.settings.get();
    if (proxyMode === 'none') return { proxy: 'none', bypass: '' };
    if (proxyMode === 'manual') {
      if (proxyAddress.trim() === '') {
        throw new AppError('proxy-invalid', 'no proxy is told', { detail: { reason: 'form' } });
      }
      return { proxy: readProxy(proxyAddress), bypass: proxyBypass };
    }
    if (environmentProxy(environment) !== null) return { proxy: 'system', bypass: '' };
    return { proxy: await ask(new URL(url).origin), bypass: '' };
  };
}
