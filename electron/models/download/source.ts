import { Fatal, Fault } from './faults.ts';
import type { Http, HttpReply } from './ports.ts';

/** What makes two answers the same file. */
export interface Identity {
  readonly bytes: number | null;
  /** The hub's own (X-Linked-Etag): the sha256 of a large file. */
  readonly linkedEtag: string | null;
  /** Of the host that sends the bytes; Last-Modified where it has none. */
  readonly etag: string | null;
}

export interface Opened {
  readonly reply: HttpReply;
  /** First byte of the body in the file: what was asked for, or 0 when the server sends all of it. */
  readonly from: number;
  readonly identity: Identity;
  /** false: the server sent the whole file although a part was asked for. */
  readonly ranged: boolean;
}

export interface Source {
  /** Asks for [start, end). Throws Fault or Fatal. */
  open(start: number, end: number, known: Identity, signal: AbortSignal): Promise<Opened>;
}

const mostHops = 10;
/** Longest wait that a server may ask for, ms. */
const mostWait = 3_600_000;
const redirects = new Set([301, 302, 303, 307, 308]);
/** What hosts of signed addresses say when one has run out. */
const expired = new Set([400, 401, 403, 404, 410]);

/** Where the bytes are, and what was told on the way there. */
interface Place {
  readonly url: string;
  readonly linkedEtag: string | null;
  readonly bytes: number | null;
}

/**
 * The address of a file and where it leads. Redirects are followed by hand, since the hub tells about
 * the file in the redirect itself; the end of the way is kept, and looked for again when it refuses.
 */
export function createSource(ports: {
  readonly http: Http;
  readonly url: string;
  readonly now: () => number;
  readonly onResolved: (facts: { host: string; again: boolean }) => void;
}): Source {
  const { http } = ports;
  const first = http.start(ports.url);
  let resolved: Place | null = null;
  let before = false;

  const ask = (url: string, headers: Record<string, string>, signal: AbortSignal) =>
    http.open({ url, headers, signal }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new Fault('line', 'no-connection');
    });

  const follow = async (
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<{ reply: HttpReply; place: Place }> => {
    let url = new URL(first);
    let linkedEtag: string | null = null;
    let bytes: number | null = null;
    for (let hop = 0; hop <= mostHops; hop += 1) {
      const reply = await ask(url.href, headers, signal);
      linkedEtag = plainEtag(reply.headers['x-linked-etag']) ?? linkedEtag;
      bytes = wholeNumber(reply.headers['x-linked-size']) ?? bytes;
      if (!redirects.has(reply.status)) {
        const place = { url: url.href, linkedEtag, bytes };
        if (reply.status === 200 || reply.status === 206) {
          if (url.href !== first) ports.onResolved({ host: url.host, again: before });
          before = true;
          resolved = place;
        }
        return { reply, place };
      }
      reply.discard();
      const next = URL.parse(reply.headers['location'] ?? '', url.href);
      if (next === null || (next.protocol !== 'https:' && next.protocol !== 'http:')) {
        throw new Fault('nonsense', 'bad-redirect');
      }
      if (url.protocol === 'https:' && next.protocol === 'http:') {
        throw new Fault('nonsense', 'insecure-redirect');
      }
      url = next;
    }
    throw new Fault('nonsense', 'too-many-redirects');
  };

  return {
    async open(start, end, known, signal) {
      const headers = {
        range: `bytes=${start}-${end - 1}`,
        // Only a strong etag may be used for this (RFC 9110 §13.1.5).
        ...(known.etag?.startsWith('"') ? { 'if-range': known.etag } : {}),
      };
      // Other requests look for a new address at the same time: this one keeps the one it asks.
      let place = resolved;
      let reply: HttpReply | null = null;
      if (place !== null) {
        reply = await ask(place.url, headers, signal);
        const ranOut = place.url !== first && expired.has(reply.status);
        if (redirects.has(reply.status) || ranOut) {
          reply.discard();
          reply = null;
          if (resolved === place) resolved = null;
        }
      }
      if (reply === null || place === null) ({ reply, place } = await follow(headers, signal));
      try {
        return judge(reply, place, start, end, known);
      } catch (error) {
        reply.discard();
        throw error;
      }
    },
  };

  function judge(
    reply: HttpReply,
    place: Place,
    start: number,
    end: number,
    known: Identity,
  ): Opened {
    const { status, headers } = reply;
    if (status === 429 || status === 503) {
      throw new Fault('busy', 'busy', retryAfter(headers['retry-after'], ports.now()));
    }
    if (status === 416) {
      // No part of an empty file can be asked for (RFC 9110 §15.5.17): that is not an error.
      const empty = start === 0 && headers['content-range'] === 'bytes */0' && !known.bytes;
      if (!empty) throw new Fault('over', 'shorter-now');
      const etag = headers['etag'] ?? headers['last-modified'] ?? null;
      const identity = { bytes: 0, linkedEtag: place.linkedEtag, etag };
      return { reply, from: 0, identity, ranged: true };
    }
    if (status !== 200 && status !== 206) {
      if (status >= 500 || status === 408 || status === 425)
        throw new Fault('line', 'server-error');
      const refused = status === 401 || status === 403;
      if (!refused && status !== 404 && status !== 410) throw new Fault('nonsense', 'bad-status');
      const event = refused ? 'refused' : 'not-found';
      // At the address itself that is the answer; behind a redirect a signed address may have run out.
      throw place.url === first
        ? new Fatal(event, `answered ${status}`)
        : new Fault('nonsense', event);
    }
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
      throw new Fault('nonsense', 'encoded');
    }
    const { linkedEtag } = place;
    const etag = headers['etag'] ?? headers['last-modified'] ?? null;
    const length = wholeNumber(headers['content-length']);
    const range = status === 206 ? contentRange(headers['content-range']) : null;
    if (status === 206) {
      if (range === null || range.start !== start || range.end > end || range.end <= start) {
        throw new Fault('nonsense', 'wrong-range');
      }
      if (length !== null && length !== range.end - range.start) {
        throw new Fault('nonsense', 'wrong-range');
      }
    }
    const bytes = (range === null ? length : range.total) ?? place.bytes ?? null;
    const identity = { bytes, linkedEtag, etag };
    if (differs(known.linkedEtag, linkedEtag) || differs(known.etag, etag)) {
      throw new Fault('over', 'changed');
    }
    if (known.bytes !== null && bytes !== null && known.bytes !== bytes) {
      throw new Fault('nonsense', 'wrong-size');
    }
    return { reply, from: range === null ? 0 : start, identity, ranged: range !== null };
  }
}

const differs = (one: string | null, other: string | null): boolean =>
  one !== null && other !== null && one !== other;

/** Without quotes and the weak mark, as the hub's client compares them. */
export function plainEtag(value: string | undefined | null): string | null {
  return value ? value.replace(/^W\//, '').replace(/^"|"$/g, '') : null;
}

function wholeNumber(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

function contentRange(
  value: string | undefined,
): { start: number; end: number; total: number | null } | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(value ?? '');
  if (match === null) return null;
  const total = match[3] === '*' ? null : Number(match[3]);
  const end = Number(match[2]) + 1;
  if (total !== null && end > total) return null;
  return { start: Number(match[1]), end, total };
}

/** ms; seconds or a date (RFC 9110 §10.2.3); 0 when not told. */
export function retryAfter(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(0, wait), mostWait) : 0;
}

/** What a fault that did not go away means in the end. */
export function meaning(fault: Fault): Fatal {
  const failure =
    fault.event === 'refused' || fault.event === 'not-found' || fault.event === 'wrong-size'
      ? fault.event
      : fault.event === 'changed' || fault.event === 'shorter-now' || fault.event === 'whole'
        ? 'changed'
        : 'server';
  return new Fatal(failure, `gave up: ${fault.event}`);
}
