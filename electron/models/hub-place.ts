import type { HubPlace } from './hub.ts';
import { HubError } from './hub.ts';

const name = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}$/;

/**
 * Understands what people paste: `owner/name`, `owner/name@revision`, `hf:owner/name/file.gguf`, and
 * addresses of a repository, a folder, a file or a download (`/tree/`, `/blob/`, `/resolve/`, `/raw/`)
 * on the hub or a mirror. Throws HubError 'hub-name'.
 * @param hosts hosts whose addresses are taken; another host's path means nothing.
 */
export function readPlace(text: string, hosts: readonly string[]): HubPlace {
  const trimmed = text.trim();
  if (trimmed.length > 2048) throw wrong();
  if (/^https?:\/\//i.test(trimmed)) return fromUrl(trimmed, hosts);
  const bare = trimmed.replace(/^hf:(\/\/)?/i, '');
  const [owner = '', second = '', ...rest] = bare.split('/');
  const at = second.indexOf('@');
  const repository = at < 0 ? second : second.slice(0, at);
  const revision = at < 0 ? null : second.slice(at + 1);
  return place(owner, repository, revision, rest);
}

function fromUrl(text: string, hosts: readonly string[]): HubPlace {
  const url = URL.parse(text);
  if (url === null || !hosts.includes(url.host.toLowerCase())) throw wrong();
  let steps: string[];
  try {
    steps = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw wrong();
  }
  const [owner = '', repository = '', kind, revision, ...rest] = steps;
  if (kind === undefined) return place(owner, repository, null, []);
  if (!['tree', 'blob', 'resolve', 'raw'].includes(kind) || revision === undefined) throw wrong();
  // A folder is no file: the whole repository is meant.
  return place(owner, repository, revision, kind === 'tree' ? [] : rest);
}

function place(
  owner: string,
  repository: string,
  revision: string | null,
  file: readonly string[],
): HubPlace {
  // Steps come decoded: one that holds a slash was an encoded one.
  const isSafe = file.every((step) => !['', '.', '..'].includes(step) && !/[/\\:]/.test(step));
  const hasRevision = revision === null || /^[\w][\w./-]{0,200}$/.test(revision);
  if (!name.test(owner) || !name.test(repository) || !hasRevision || !isSafe) throw wrong();
  if (revision?.includes('..')) throw wrong();
  return {
    repository: `${owner}/${repository}`,
    revision,
    file: file.length === 0 ? null : file.join('/'),
  };
}

const wrong = (): HubError =>
  new HubError('hub-name', 'neither owner/name nor an address of the hub');
