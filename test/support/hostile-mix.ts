import { seeded } from './seeded.ts';
import type { Asked, Behaviour } from './hostile-server.ts';

const MiB = 1024 * 1024;

/** All that a server can do wrong, drawn request by request from a seed. */
export interface HostileMix {
  /** For the hub itself, which knows the token and points to where the bytes are. */
  hub(asked: Asked): Behaviour;
  /** For hosts of signed addresses. */
  far(asked: Asked): Behaviour;
  /** How often each thing was done so far. */
  readonly done: Readonly<Record<string, number>>;
  /** Requests to a foreign host that brought the token along. Must stay 0. */
  leaks(): number;
}

type Draw = readonly [
  share: number,
  name: string,
  make: (where: number, from: number) => Behaviour,
];

/** Shares of all requests for bytes; together about one in five goes wrong. */
const faults: readonly Draw[] = [
  [0.03, 'cut', (where) => ({ after: where, then: 'cut' })],
  [0.02, 'stall', (where) => ({ after: where, then: 'stall' })],
  [0.01, 'slow-loris', () => ({ rate: 10_000 })],
  [0.02, 'wrong Content-Range', () => ({ shiftRange: 1 })],
  [0.01, '503 with Retry-After: 0', () => ({ status: 503, headers: { 'retry-after': '0' } })],
  [0.002, '503 with Retry-After: 1', () => ({ status: 503, headers: { 'retry-after': '1' } })],
  [
    0.005,
    '503 with a date to retry after',
    () => ({ status: 503, headers: { 'retry-after': new Date(Date.now() + 500).toUTCString() } }),
  ],
  [0.01, '429', () => ({ status: 429 })],
  [0.02, '500', () => ({ status: 500 })],
  [0.01, '502', () => ({ status: 502 })],
  [0.01, '200 instead of 206', () => ({ whole: true })],
  [0.01, 'wrong length', () => ({ length: 70 * MiB })],
  [0.005, 'shorter length', () => ({ length: 5 * MiB })],
  [0.003, 'changed ETag', () => ({ etag: '"another"' })],
  [0.002, 'wrong byte', (where, from) => ({ flip: [from + where] })],
  [0.01, 'early end without a length', (where) => ({ after: where, then: 'end', extra: 0 })],
  [0.005, 'packed body', () => ({ headers: { 'content-encoding': 'gzip' } })],
  [0.003, 'redirect to a file', () => ({ status: 302, headers: { location: 'file:///dev/zero' } })],
  [0.003, 'redirect in circles', () => ({ status: 302, headers: { location: '' } })],
];

export function hostileMix(options: {
  readonly seed: number;
  readonly token: string;
  /** Where the bytes are, by number: over http and over https. */
  origins(): readonly [http: string, https: string];
  headers(path: string): Readonly<Record<string, string>>;
}): HostileMix {
  const random = seeded(options.seed);
  const done: Record<string, number> = {};
  const uses = new Map<string, number>();
  let leaks = 0;
  const count = (name: string): void => {
    done[name] = (done[name] ?? 0) + 1;
  };
  const sign = (): string => {
    const query = `?sig=${Math.floor(random() * 1e12)}`;
    uses.set(query, 3 + Math.floor(random() * 30));
    return query;
  };
  const draw = (asked: Asked): Behaviour => {
    const where = Math.floor(random() * 2 * MiB);
    let drawn = random();
    for (const [share, name, make] of faults) {
      drawn -= share;
      if (drawn >= 0) continue;
      count(name);
      return make(where, asked.range?.start ?? 0);
    }
    return {};
  };
  const signed = (asked: Asked): Behaviour => {
    const left = uses.get(asked.query) ?? 0;
    uses.set(asked.query, left - 1);
    if (left > 0) return draw(asked);
    count('expired signed address (403)');
    return { status: 403 };
  };
  return {
    hub(asked) {
      const kind = /\/r(\d)\//.exec(asked.path)?.[1];
      const name = asked.path.split('/').at(-1) ?? '';
      if (asked.query !== '') return signed(asked);
      if (kind === undefined) return draw(asked);
      const [http, https] = options.origins();
      const to = { 1: `../d/${name}`, 2: `${http}/${name}`, 3: `${https}/${name}` }[kind];
      count(kind === '1' ? 'relative redirect' : 'redirect to another host');
      return {
        status: 302,
        headers: { ...options.headers(asked.path), location: `${to}${sign()}` },
      };
    },
    far(asked) {
      if (asked.authorization !== undefined) leaks += 1;
      return signed(asked);
    },
    done,
    leaks: () => leaks,
  };
}
