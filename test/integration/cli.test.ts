import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quarry } from './cli-support.ts';
import type { CliOptions } from './cli-support.ts';
import type { ModelCatalog } from '../../electron/ipc/contract/index.ts';
import { ggufBytes, graniteFixture, graniteShapes } from '../../electron/models/gguf.fixture.ts';
import { miniature, root } from './models-support.ts';

let folder = '';
let temporary = '';
let docs = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-cli-'));
  temporary = join(folder, 'tmp');
  docs = join(folder, 'docs');
  mkdirSync(temporary);
  mkdirSync(docs);
  writeFileSync(
    join(docs, 'harbour.md'),
    '# Harbour\n\nThe ferry to Ostrava leaves at 7:40. Tickets are sold on board.\n',
  );
  writeFileSync(join(docs, 'mill.txt'), 'The mill was built in 1768. It grinds rye.\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** With a home, a temporary folder and a profile of its own: nothing of this machine's user is touched. */
const run = (args: readonly string[], options: CliOptions = {}) =>
  quarry(args, {
    ...options,
    env: {
      HOME: join(folder, 'home'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      TMPDIR: temporary,
      QUARRY_DATA: '',
      ...options.env,
    },
  });

describe('help and versions', () => {
  it('explains itself on stdout', async () => {
    for (const args of [[], ['--help'], ['ask', '--help']]) {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('quarry ask "question" --docs PATH...');
      expect(stdout).toContain('Exit status');
    }
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('command lines that cannot be understood', () => {
  it.each([
    [['ask'], 'the question is missing'],
    [['ask', '--docs', 'a', 'question'], 'put it before --docs'],
    [['ask', 'question'], '--docs PATH... is missing'],
    [['ask', 'two', 'words', '--docs', 'a'], 'put quotes around'],
    [['ask', 'q', '--docs', 'a', '--temperature', 'warm'], '--temperature takes a number'],
    [['ask', 'q', '--docs', 'a', '--kv', 'q2'], '--kv takes f16, q8_0 or q4_0'],
    [['search', 'w', '--docs', 'a', '--kv', 'f16'], 'search does not take --kv'],
    [['search', 'w', '--docs', 'a', '--limit', '1.5'], '--limit takes a whole number'],
    [['search', 'w', '--docs', 'a', '--model', 'm'], 'search does not take --model'],
    [
      ['models', 'all'],
      'models knows list, add, scan, remove, download, fit, check, disk, clean and move, not "all"',
    ],
    [['models', 'list', 'all'], '"all" is one word too many'],
    [['models', 'add'], 'models add: the file is missing'],
    [['models', 'download'], 'models download: the model is missing'],
    [['models', '--quant', 'Q4_0'], '--quant belongs to models download'],
    [['models', 'scan'], 'models scan: the folder is missing'],
    [['models', 'list', '--add'], '--add belongs to models scan'],
    [['ask', 'x', '--add'], 'ask does not take --add'],
    [['models', '--memory', '8'], '--memory, --context and --sessions belong to models fit'],
    [['verify'], 'the file or folder is missing'],
    [['verify', 'f', '--identity', 'a@b.c'], '--identity and --issuer belong together'],
    [['verify', miniature, '--repository', 'unsloth/x'], 'no signer is known for unsloth/x'],
    [['models', '--signature', 's'], 'models does not take --signature'],
    [['sing'], 'there is no command "sing"'],
    [['models', '--loud'], "unknown option '--loud'"],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^quarry: /);
    expect(stderr).toContain(words);
  });

  it('says it as JSON too', async () => {
    const { code, stdout } = await run(['ask', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'usage', message: 'the question is missing' },
    });
  });
});

describe('search', () => {
  it('gives passages with their places, and nothing but JSON on stdout', async () => {
    const { code, stdout, stderr } = await run([
      'search',
      'ferry ostrava',
      '--docs',
      docs,
      '--json',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { hits } = JSON.parse(stdout) as { hits: Record<string, unknown>[] };
    expect(hits[0]).toMatchObject({
      rank: 1,
      document: 'harbour.md',
      path: join(docs, 'harbour.md'),
      heading: 'Harbour',
    });
    expect(hits[0]!['quote']).toContain('leaves at 7:40');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  it('prints them for people, from several paths', async () => {
    const { code, stdout } = await run([
      ...['search', 'rye', '--docs', join(docs, 'harbour.md'), join(docs, 'mill.txt')],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\[1\] mill\.txt/);
    expect(stdout).toContain('It grinds rye.');
  });

  it('says when nothing is found, and when nothing is there', async () => {
    const none = await run(['search', 'zeppelin', '--docs', docs]);
    expect(none).toMatchObject({ code: 3, stdout: '' });
    expect(none.stderr).toContain('quarry: nothing found');
    const gone = await run(['search', 'rye', '--docs', join(docs, 'gone.txt'), '--json']);
    expect(gone.code).toBe(1);
    expect(JSON.parse(gone.stdout)).toMatchObject({ error: { code: 'document-missing' } });
    expect(gone.stderr).toMatch(/^quarry: no file or folder at .*gone\.txt/);
  });

  it('leaves no throw-away profile and no library of the user behind', async () => {
    await run(['search', 'rye', '--docs', docs]);
    expect(readdirSync(temporary)).toEqual([]);
    expect(existsSync(join(folder, 'config', 'Quarry'))).toBe(false);
  });

  it('keeps documents with --data and reads them once', async () => {
    const data = join(folder, 'profile');
    const first = await run(['search', 'rye', '--docs', docs, '--data', data, '--json']);
    const second = await run(['search', 'rye', '--docs', docs, '--data', data, '--json']);
    expect(second.stdout).toBe(first.stdout);
    const all = await run(['search', 'ferry', '--data', data, '--json']);
    expect((JSON.parse(all.stdout) as { hits: unknown[] }).hits).toHaveLength(1);
  });
});

describe('models and verify', () => {
  it('lists the miniature, never under another name', async () => {
    const { code, stdout } = await run(['models', '--json']);
    expect(code).toBe(0);
    const { models } = JSON.parse(stdout) as { models: Record<string, unknown>[] };
    expect(models).toHaveLength(1);
    expect(models[0]).toMatchObject({ name: 'Miniature (demo)', quantization: 'F16' });
    expect((await run(['models'])).stdout).not.toMatch(/granite mini/i);
  });

  it('says which Granite models fit, for this machine or another one', async () => {
    const { code, stdout } = await run(['models', 'fit', '--memory', '8', '--json']);
    expect(code).toBe(0);
    const { catalog } = JSON.parse(stdout) as { catalog: ModelCatalog };
    expect(catalog).toMatchObject({ pick: 'granite-4.0-h-tiny', context: 32_768, sessions: 4 });
    expect(catalog.machine.total).toBe(8 * 1024 ** 3);
    const words = await run(['models', 'fit', '--memory', '8', '--context', '8192']);
    expect(words.stdout).toMatch(/^\* fits +Granite 4\.0 H-Tiny Q4_K_M: .* at 8192 tokens$/m);
    expect(words.stdout).toMatch(/too big +Granite 4\.0 H-Small/);
    expect(words.stdout).toContain('Granite 4.0 Thinking: announced');
  });

  it('adds a file in place, lists it, and removes it without touching the file', async () => {
    const data = join(folder, 'library');
    const file = join(folder, 'tiny.gguf');
    writeFileSync(file, ggufBytes(graniteFixture(graniteShapes['h-tiny'])));
    const added = await run(['models', 'add', file, '--data', data, '--json']);
    expect(added.code).toBe(0);
    const { model } = JSON.parse(added.stdout) as { model: { id: string; sha256: string } };
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await run(['models', 'list', '--data', data])).stdout).toContain(file);
    const again = await run(['models', 'add', file, '--data', data]);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    const removed = await run(['models', 'remove', model.id, '--data', data]);
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.stdout).toContain('the file was not touched');
    expect(existsSync(file)).toBe(true);
    expect((await run(['models', 'remove', 'nothing', '--data', data])).code).toBe(1);
  });

  it('finds the models of a folder and adds them in place; a broken one does not stop the rest', async () => {
    const data = join(folder, 'found');
    const place = join(folder, '.lmstudio/models/o/n-GGUF');
    mkdirSync(place, { recursive: true });
    const good = join(place, 'a.gguf');
    writeFileSync(good, ggufBytes(graniteFixture(graniteShapes['h-tiny'])));
    const scan = (...args: string[]) => run(['models', ...args, '--data', data]);
    const looked = await scan('scan', place);
    expect(looked).toMatchObject({ code: 0, stderr: '' });
    expect(looked.stdout).toMatch(/^new +a\.gguf, .* MiB, o\/n-GGUF\n +\//);
    expect((await scan('list')).stdout).not.toContain(good);
    writeFileSync(join(place, 'b.gguf'), 'GGUF and then nothing');
    const added = await scan('scan', place, '--add', '--json');
    expect(added.code).toBe(1);
    const { models } = JSON.parse(added.stdout) as { models: Record<string, unknown>[] };
    expect(models).toMatchObject([
      { name: 'a.gguf', tool: 'lmstudio', repository: 'o/n-GGUF', state: 'added', error: null },
      { name: 'b.gguf', state: 'failed', modelId: null, error: { code: 'model-not-gguf' } },
    ]);
    const again = await scan('add', place);
    expect(again.stdout).toMatch(/^there +a\.gguf.*failed +b\.gguf.*b\.gguf is not a GGUF model/s);
    expect(await scan('scan', join(folder, 'gone'))).toMatchObject({ code: 1, stdout: '' });
    const empty = await scan('scan', docs);
    expect(empty).toMatchObject({ code: 3, stderr: 'no model files (GGUF) lie there\n' });
  });

  it('hashes a file without a signature and says that nothing is proven', async () => {
    const sha256 = createHash('sha256').update(readFileSync(miniature)).digest('hex');
    const { code, stdout, stderr } = await run(['verify', miniature]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: `${sha256}  ${miniature}\n` });
    expect(stderr).toContain('Unverified: no signature was found');
    const json = await run(['verify', miniature, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      level: 'unverified',
      signature: null,
      files: [{ sha256 }],
    });
  });

  it('says what is missing', async () => {
    const { code, stdout, stderr } = await run(['verify', join(folder, 'none.gguf')]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^quarry: no model file at .*none\.gguf/);
  });
});

describe('the models on the disk', () => {
  const data = () => join(folder, 'disk-profile');
  const on = (...args: string[]) => run(['models', ...args, '--data', data()]);

  it('adds up, checks, moves there and back, cleans', async () => {
    const { stdout } = await on('disk', '--json');
    const { storage } = JSON.parse(stdout) as { storage: { folder: string; isThere: boolean } };
    expect(storage).toMatchObject({ folder: join(data(), 'models'), isThere: true });
    const same = await on('check', '--all');
    expect(same.code).toBe(0);
    expect(same.stdout).toMatch(/^Miniature \(demo\) \(.*\): the same bytes as before\n$/);

    const to = join(folder, 'other-disk');
    mkdirSync(to);
    const there = await on('move', to);
    expect(there).toMatchObject({
      code: 0,
      stdout: `The models are in ${join(to, 'Quarry')} now\n`,
    });
    const name = `${'ab'.repeat(32)}.gguf`;
    for (const each of [name, 'diary.txt']) writeFileSync(join(to, 'Quarry', each), 'x');
    const dry = await on('clean', '--dry-run');
    expect(dry.stdout).toContain('model that is not in the list');
    expect(dry.stdout).toContain('diary.txt: not made by Quarry: stays');
    expect(existsSync(join(to, 'Quarry', name))).toBe(true);
    expect((await on('clean')).stdout).toContain('1 deleted from');
    expect(readdirSync(join(to, 'Quarry')).sort()).toEqual(['.quarry-library', 'diary.txt']);

    const back = await on('move', data());
    expect(back.code).toBe(0);
    expect(existsSync(join(to, 'Quarry', 'diary.txt'))).toBe(true);
    const again = await on('move', to);
    // Our mark still says whose it is: what lies there keeps nobody from coming back.
    expect(again.code).toBe(0);
  });

  it('tells a file that lost a bit by its exit status', async () => {
    const path = join(folder, 'rotting.gguf');
    writeFileSync(path, ggufBytes(graniteFixture(graniteShapes.micro)));
    expect((await on('add', path)).code).toBe(0);
    const bytes = readFileSync(path);
    const { atime, mtime } = statSync(path);
    bytes[bytes.length - 9]! ^= 1;
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
    const found = await on('check', 'Granite 4.0 Micro', '--json');
    expect(found.code).toBe(5);
    expect(JSON.parse(found.stdout)).toMatchObject({ checked: [{ result: 'changed' }] });
    rmSync(path);
    const gone = await on('check');
    expect(gone.code).toBe(5);
    expect(gone.stdout).toContain('the file is not there');
  });

  it('says what is wrong with a command', async () => {
    for (const [args, words] of [
      [['move'], 'models move: the folder is missing'],
      [['check', 'a', '--all'], 'models check takes a model or --all'],
      [['disk', '--dry-run'], '--dry-run belongs to models clean'],
      [
        ['shrink'],
        'models knows list, add, scan, remove, download, fit, check, disk, clean and move',
      ],
    ] as const) {
      const { code, stderr } = await on(...args);
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
    }
    const nowhere = await on('move', join(folder, 'no-such-disk'));
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toContain('there is no such folder');
  });
});
