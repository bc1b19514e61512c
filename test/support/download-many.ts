import { openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hub } from '../../electron/models/download/http.ts';
import type { Download } from '../../electron/models/download/index.ts';
import { diskFiles } from '../../electron/models/download/files.ts';
import type { Files, Http } from '../../electron/models/download/ports.ts';
import { setUp } from './downloads-setup.ts';
import { seeded } from './seeded.ts';

/** What the parent decides; given as JSON in the first argument. */
export interface ManyOptions {
  readonly folder: string;
  readonly endpoint: string;
  readonly proxy: string;
  readonly caFile: string;
  readonly token: string;
  readonly count: number;
  readonly bytes: number;
  readonly hashes: readonly string[];
  readonly seed: number;
}

/** What the child tells of each file that it has finished, or given up. */
export interface ManyResult {
  readonly name: string;
  readonly state: string;
  readonly failure: string | null;
  readonly startOvers: number;
  readonly quarantined: boolean;
  /** Bytes that this and earlier, killed processes took from the network for it. */
  readonly received: number;
  /** Times it was cancelled and asked for anew. */
  readonly cancelled: number;
  /** Lines of its log by name. */
  readonly events: Readonly<Record<string, number>>;
  readonly lastLines: readonly string[];
}

// Downloads many files through the real queue, or goes on with them, until all are told of or this
// process is killed. Meanwhile a restless person pauses, cancels, asks twice and changes networks,
// and the disk is full or read-only now and then. What is told is forgotten when the parent says so.
const options = JSON.parse(process.argv[2] ?? '{}') as ManyOptions;
const { folder, count } = options;
const random = seeded(options.seed);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// A file of numbers, written at once: a kill takes none of them back.
const ledger = openSync(join(folder, 'ledger'), 'r+');
const slot = Buffer.alloc(8);
function add(name: string, column: 0 | 1, amount: number): number {
  const at = (Number(name.slice(1)) * 2 + column) * 8;
  readSync(ledger, slot, 0, 8, at);
  const now = slot.readDoubleLE() + amount;
  slot.writeDoubleLE(now);
  if (amount > 0) writeSync(ledger, slot, 0, 8, at);
  return now;
}

const counted = (http: Http): Http => ({
  start: http.start,
  async open(request) {
    const reply = await http.open(request);
    const name = /m\d+/.exec(new URL(request.url).pathname)?.[0] ?? 'm0';
    return {
      ...reply,
      body: (async function* () {
        for await (const chunk of reply.body) {
          add(name, 0, chunk.length);
          yield chunk;
        }
      })(),
    };
  },
});

const broken = (code: string): Error => Object.assign(new Error(code), { code });
const disk: Files = {
  ...diskFiles,
  async open(path) {
    if (random() < 0.004) throw broken('EROFS');
    const file = await diskFiles.open(path);
    return {
      ...file,
      async write(pieces, position) {
        if (random() < 0.0002) {
          // As a disk does that fills up: a part of it is written.
          await file.write(pieces.slice(0, 1), position);
          throw broken('ENOSPC');
        }
        await file.write(pieces, position);
      },
    };
  },
};

const ids = new Map<string, string>();
const active = new Set<string>();
const made = setUp({
  folder,
  around: counted,
  http: {
    endpoint: options.endpoint,
    proxy: options.proxy,
    caFile: options.caFile,
    token: () => options.token,
  },
  ports: {
    files: disk,
    announcer: {
      // Not from list(): a thousand rows five times a second would be most of the work.
      changed({ id, fileName, state }) {
        if (state === 'active' && ids.get(fileName) === id) active.add(fileName);
        else active.delete(fileName);
      },
    },
  },
  tuning: {
    active: 4,
    connections: 4,
    piece: 4 * 1024 * 1024,
    // Long enough for a machine that does a lot else; a shorter one sees silence everywhere.
    readTimeout: 4000,
    slowRate: 40_000,
    slowWindow: 500,
    saveEvery: 200,
    saveBytes: 2 * 1024 * 1024,
    patience: 12,
  },
});
const { downloads } = made;
const asked = (name: string) => {
  const index = Number(name.slice(1));
  return {
    // Directly; by a relative redirect; from another host over http, over https.
    url: `${hub}${['/d', '/r1', '/r2', '/r3'][index % 4]}/${name}`,
    fileName: name,
    sha256: options.hashes[index % options.hashes.length] ?? null,
    bytes: options.bytes,
    subject: name,
  };
};

await downloads.recover();
const told = new Set(readFileSync(join(folder, 'told'), 'utf8').split('\n'));
for (const { fileName, id } of downloads.list()) {
  if (told.has(fileName)) await downloads.cancel(id);
  else ids.set(fileName, id);
}
for (let index = 0; index < count; index += 1) {
  const name = `m${index}`;
  if (!told.has(name) && !ids.has(name)) ids.set(name, await downloads.start(asked(name)));
}

const confirmed = new Map<string, () => void>();
// Nobody is left to tell: the parent was stopped.
process.on('disconnect', () => process.exit(1));
process.on('message', (name: string) => confirmed.get(name)?.());

/** Until it is done, as a patient person does it: what failed for a reason of this machine is tried again. */
async function finish(name: string): Promise<Download | undefined> {
  for (let tries = 0; ; tries += 1) {
    const id = ids.get(name) ?? '';
    const row = await downloads.settled(id);
    if (row?.state === 'done') return row;
    if (row !== null && (row.failure === 'internal' || tries > 30)) return row;
    // null: it was cancelled, and is asked for anew under another id.
    await wait(20);
    if (downloads.list().some((each) => each.id === id)) downloads.resume(id);
  }
}

let open = ids.size;
async function disturb(): Promise<void> {
  while (open > 0) {
    await wait(200);
    const name = [...active][Math.floor(random() * active.size)];
    const id = ids.get(name ?? '');
    if (name === undefined || id === undefined) continue;
    const drawn = random();
    if (drawn < 0.03) await downloads.pause(id);
    else if (drawn < 0.06) downloads.wake();
    else if (drawn < 0.09) {
      if ((await downloads.start(asked(name))) !== id) throw new Error('two at once');
    } else if (drawn < 0.1) {
      add(name, 1, 1);
      await downloads.cancel(id);
      ids.set(name, await downloads.start(asked(name)));
    }
  }
}

const tell = async (name: string): Promise<void> => {
  const row = await finish(name);
  const id = ids.get(name) ?? '';
  const lines = downloads.log(id);
  const events: Record<string, number> = {};
  for (const { event } of lines) events[event] = (events[event] ?? 0) + 1;
  const answer = new Promise<void>((resolve) => confirmed.set(name, resolve));
  const result: ManyResult = {
    name,
    state: row?.state ?? 'gone',
    failure: row?.failure ?? null,
    startOvers: row?.startOvers ?? 0,
    quarantined: (events['quarantined'] ?? 0) > 0,
    received: add(name, 0, 0),
    cancelled: add(name, 1, 0),
    events,
    lastLines:
      row?.state === 'done'
        ? []
        : [...lines.slice(-8).map(({ text }) => text), ...made.lines.slice(-4)],
  };
  process.send?.(result);
  await answer;
  await downloads.cancel(id);
  open -= 1;
};
await Promise.all([disturb(), ...[...ids.keys()].map(tell)]);
process.exit(0);
