import {
  appendFile,
  copyFile,
  cp,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { extname, join } from 'node:path';
import { createSeal } from '../../electron/engine/states/seal.ts';
import { sidecarName } from '../../electron/engine/states/sidecar.ts';

/** Folders of states that attacks are made of. All are left as they are. */
export interface AttackPlaces {
  readonly good: string;
  /** The same states as the first, as they were earlier: other owners, fewer states. */
  readonly older: string;
  /** Of another model, or another key. */
  readonly foreign: string;
  readonly key: string;
  readonly secret: Buffer | null;
}

type Pick = (limit: number) => number;

interface Attacked {
  readonly folder: string;
  readonly places: AttackPlaces;
  readonly pick: Pick;
  /** A file of the folder. */
  readonly name: string;
  readonly path: string;
  /** Another of the same kind, or the same where there is none. */
  readonly other: string;
}

/** How each attack is done. What comes of it is never a state that differs from what was kept. */
const attacks = {
  truncated: async ({ path, pick }) => truncate(path, pick((await readFile(path)).length)),
  'bit-flipped': async ({ path, pick }) => flip(path, pick, 0, 1),
  'bit-flipped at the start': async ({ path, pick }) => flip(path, pick, 0, 0.01),
  'bit-flipped at the end': async ({ path, pick }) => flip(path, pick, 0.99, 1),
  'made longer': async ({ path, pick }) => appendFile(path, Buffer.alloc(1 + pick(5000), 1)),
  emptied: async ({ path }) => truncate(path, 0),
  removed: async ({ path }) => rm(path),
  'filled with zeros': async ({ path }) =>
    writeFile(path, Buffer.alloc((await readFile(path)).length)),
  'replaced by another state’s': async ({ path, other }) => copyFile(other, path),
  'swapped with another state’s': async ({ path, other }) => {
    await copyFile(path, `${path}.x`);
    await copyFile(other, path);
    await rename(`${path}.x`, other);
  },
  'replaced by another model’s': async ({ path, name, places, pick }) =>
    copyFile(await oneOf(places.foreign, extname(name), pick), path),
  'replaced by an older one of itself': async ({ path, name, places }) =>
    copyFile(join(places.older, name), path).catch(() => rm(path)),
  'mixed with older files': async ({ folder, places }) =>
    cp(places.older, folder, { recursive: true }),
  renamed: async ({ path, folder, name, pick }) =>
    rename(path, join(folder, `${hex(pick)}${extname(name)}`)),
  'a symbolic link to itself elsewhere': async ({ path, name, places }) => {
    await rm(path);
    await symlink(join(places.good, name), path);
  },
  'a symbolic link to another': async ({ path, other }) => {
    if (path === other) return;
    await rm(path);
    await symlink(other, path);
  },
  'a folder': async ({ path }) => {
    await rm(path);
    await mkdir(path);
    await writeFile(join(path, 'inside'), 'x');
  },
  'forged with huge or wrong numbers': async ({ folder, pick, places }) => {
    const path = await oneOf(folder, '.state', pick);
    await forge(path, pick, places);
  },
  'left half-written by others': async ({ folder, pick }) => {
    await writeFile(join(folder, `${hex(pick)}.state.part`), 'half');
    await writeFile(join(folder, `${hex(pick)}.rows`), 'half');
    await rm(await oneOf(folder, '.state', pick));
  },
} as const satisfies Record<string, (attacked: Attacked) => Promise<unknown>>;

export type Attack = keyof typeof attacks;
export const attackNames = Object.keys(attacks) as Attack[];

/** Makes `folder` a copy of the good states with one attack done to a file of it. @returns what was hit. */
export async function attack(
  name: Attack,
  folder: string,
  places: AttackPlaces,
  pick: Pick,
): Promise<string> {
  const path = await oneOf(folder, /[^]*/, pick);
  const file = path.slice(folder.length + 1);
  const alike = (await readdir(folder)).filter(
    (each) => extname(each) === extname(file) && each !== file,
  );
  const other = join(folder, alike[pick(alike.length || 1)] ?? file);
  await attacks[name]({ folder, places, pick, name: file, path, other });
  return file;
}

async function oneOf(folder: string, kind: string | RegExp, pick: Pick): Promise<string> {
  const names = (await readdir(folder)).toSorted();
  const fitting = names.filter((name) =>
    typeof kind === 'string' ? extname(name) === kind : kind.test(name),
  );
  const name = fitting[pick(fitting.length)];
  if (name === undefined) throw new Error(`there is no file to attack in ${folder}`);
  return join(folder, name);
}

async function flip(path: string, pick: Pick, from: number, to: number): Promise<void> {
  const bytes = await readFile(path);
  const begin = Math.min(bytes.length - 1, Math.floor(bytes.length * from));
  const at = begin + pick(Math.max(1, Math.floor(bytes.length * to) - begin));
  bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
  await writeFile(path, bytes);
}

const hex = (pick: Pick): string =>
  Array.from({ length: 32 }, () => pick(16).toString(16)).join('');

/** One who can make checksums, or has the key: numbers that do not fit what is there. */
async function forge(path: string, pick: Pick, places: AttackPlaces): Promise<void> {
  const id = path.slice(-38, -6);
  const seal = createSeal(places.secret);
  const name = sidecarName(places.key, id);
  const text = seal.openText(name, await readFile(path));
  if (text === null) throw new Error('a good sidecar does not open');
  const found = JSON.parse(text) as Record<string, unknown>;
  const fields = ['shared', 'length', 'tail', 'sections', 'proofs', 'parent', 'salt', 'owners'];
  const field = fields[pick(fields.length)] as string;
  const values = [
    2 ** 53 - 1,
    2 ** 24,
    2 ** 31,
    -1,
    0.5,
    null,
    '../../etc/passwd',
    [],
    [[1, 2 ** 24]],
  ];
  found[field] = values[pick(values.length)];
  await writeFile(path, seal.sealText(name, JSON.stringify(found)));
}
