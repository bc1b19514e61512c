import { AppError } from '../../ipc/app-error.ts';
import type { ModelHeader } from '../../ipc/contract/index.ts';
import { Fatal, Fault } from '../download/faults.ts';
import type { Http } from '../download/ports.ts';
import { createSource } from '../download/source.ts';
import type { Identity } from '../download/source.ts';
import { parseGguf } from '../gguf.ts';
import type { ReadAt } from '../gguf-source.ts';
import { toModelHeader } from '../header.ts';

/** Bytes of one request: a vocabulary of a hundred thousand words takes a few of them. */
const blockBytes = 2 * 1024 * 1024;
/** How long one request may take, ms. */
const patience = 60_000;

export interface RemoteFile {
  /** null = the server does not say. */
  readonly bytes: number | null;
  readonly readAt: ReadAt;
}

/**
 * Parts of a file behind an address, block by block. Redirects are followed as a download follows
 * them: never from https to http. Throws AppError 'network-unreachable', 'download-failed'.
 */
export async function openRemote(http: Http, url: string, stop: AbortSignal): Promise<RemoteFile> {
  const source = createSource({ http, url, now: () => Date.now(), onResolved: () => {} });
  let known: Identity = { bytes: null, linkedEtag: null, etag: null };

  const fetchBlock = async (start: number): Promise<Uint8Array> => {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(patience)]);
    const end = Math.min(start + blockBytes, known.bytes ?? Infinity);
    const pieces: Uint8Array[] = [];
    try {
      const { reply, ranged, identity } = await source.open(start, end, known, signal);
      known = identity;
      // All of the file instead of a part: only its beginning can be used.
      if (!ranged && start > 0) {
        reply.discard();
        throw new Fault('nonsense', 'whole');
      }
      let size = 0;
      for await (const piece of reply.body) {
        pieces.push(piece);
        size += piece.length;
        if (size >= end - start) break;
      }
      reply.discard();
      return Buffer.concat(pieces).subarray(0, end - start);
    } catch (error) {
      throw explain(error);
    }
  };

  let block = { start: 0, bytes: await fetchBlock(0) };
  return {
    bytes: known.bytes,
    async readAt(target, length, position) {
      const isThere = position >= block.start && position < block.start + block.bytes.length;
      if (!isThere) block = { start: position, bytes: await fetchBlock(position) };
      const from = position - block.start;
      const found = block.bytes.subarray(from, from + length);
      target.set(found);
      return found.length;
    },
  };
}

/**
 * The facts of a model file that is not here, from the first few MiB of it. Throws what `openRemote`
 * and the header's reader throw.
 */
export async function readRemoteHeader(
  http: Http,
  url: string,
  file: string,
  stop: AbortSignal,
): Promise<ModelHeader> {
  const remote = await openRemote(http, url, stop);
  if (remote.bytes === null) throw failed('answer');
  return toModelHeader(await parseGguf(remote.readAt, remote.bytes, file), file);
}

function explain(error: unknown): unknown {
  if (error instanceof Fatal) {
    return failed(error.failure === 'refused' ? 'denied' : 'missing');
  }
  if (error instanceof Fault) {
    if (error.kind === 'line') return new AppError('network-unreachable', error.event);
    if (error.event === 'refused') return failed('denied');
    if (error.event === 'not-found') return failed('missing');
    return failed(error.kind === 'busy' ? 'busy' : 'answer');
  }
  if (error instanceof AppError) return error;
  // A line that was cut, or that stood still for too long.
  return new AppError('network-unreachable', 'the connection ended');
}

const failed = (reason: string): AppError =>
  new AppError('download-failed', `no part of the file: ${reason}`, { detail: { reason } });
