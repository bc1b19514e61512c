import { isIP } from 'node:net';
import { basename } from 'node:path/posix';
import { AppError } from '../../ipc/app-error.ts';
import { readPlace } from '../hub-place.ts';
import { HubError } from '../hub.ts';
import type { HubPlace } from '../hub.ts';

/** The hub's own addresses; a mirror's come besides. */
const hubHosts = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

export type Pasted =
  | ({ readonly kind: 'hub' } & HubPlace)
  | { readonly kind: 'address'; readonly url: string; readonly file: string };

/**
 * Understands what was pasted: a place on the hub or the mirror, or the address of a GGUF file on any
 * host. Throws AppError 'invalid-argument' with a `reason`: 'place', 'scheme', 'credentials', 'kind'.
 * @param mirror `https://host[/path]`, where the hub's paths are answered; null = the hub itself.
 */
export function readPasted(text: string, mirror: string | null): Pasted {
  const trimmed = text.trim();
  // owner/name has no colon but after "hf".
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'hf') return onHub(trimmed, hubHosts);
  if (scheme !== 'https' && scheme !== 'http') throw refused('scheme');
  const url = URL.parse(trimmed);
  if (url === null || trimmed.length > 2048) throw refused('place');
  if (url.username !== '' || url.password !== '') throw refused('credentials');
  if (hubHosts.includes(url.host)) return onHub(trimmed, hubHosts);
  return onMirror(url, mirror) ?? address(url);
}

/** A mirror may lie below a path, and other files beside it. */
function onMirror(url: URL, mirror: string | null): Pasted | null {
  const home = mirror === null ? null : new URL(mirror);
  const base = home?.pathname.replace(/\/+$/, '') ?? '';
  if (home?.host !== url.host || !url.pathname.startsWith(`${base}/`)) return null;
  const path = new URL(url.href);
  path.pathname = url.pathname.slice(base.length);
  try {
    const place = readPlace(path.href, [home.host]);
    // "/files/model.gguf" has the form of owner/name, too.
    return /\.gguf$/i.test(place.repository) ? null : { kind: 'hub', ...place };
  } catch {
    return null;
  }
}

/** The address of one file. Throws AppError 'invalid-argument' as `readPasted`. */
export function readAddress(text: string): { readonly url: string; readonly file: string } {
  const url = URL.parse(text);
  if (url === null) throw refused('place');
  if (url.username !== '' || url.password !== '') throw refused('credentials');
  return address(url);
}

function address(url: URL): Pasted & { readonly kind: 'address' } {
  const isHere = isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) throw refused('scheme');
  let name: string;
  try {
    name = basename(decodeURIComponent(url.pathname));
  } catch {
    throw refused('place');
  }
  // eslint-disable-next-line no-control-regex
  if (!/^[^\\:*?"<>|\u0000-\u001f]{1,200}\.gguf$/i.test(name)) throw refused('kind');
  url.hash = '';
  return { kind: 'address', url: url.href, file: name };
}

function onHub(text: string, hosts: readonly string[]): Pasted {
  try {
    return { kind: 'hub', ...readPlace(text, hosts) };
  } catch (error) {
    throw error instanceof HubError ? refused('place') : error;
  }
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** 'parts' = one part of a split model. */
export function refused(reason: 'place' | 'scheme' | 'credentials' | 'kind' | 'parts'): AppError {
  return new AppError('invalid-argument', 'not a place where a model can be fetched', {
    detail: { reason },
  });
}
