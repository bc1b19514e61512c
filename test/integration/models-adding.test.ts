import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { LookedAt, ModelPlace } from '../../electron/ipc/contract/index.ts';
import { createNotary, statementOf } from '../../electron/models/verify/bundle.fixture.ts';
import type { Notary } from '../../electron/models/verify/bundle.fixture.ts';
import { sha256 } from '../support/hostile-server.ts';
import { json, localHub } from '../support/hub-repositories.ts';
import type { LocalHub } from '../support/hub-repositories.ts';
import { createBench, miniature } from './models-support.ts';
import type { Bench } from './models-support.ts';

const mini = readFileSync(miniature);
/** Another last weight: the same header, another hash. */
const variant = (n: number): Buffer => {
  const bytes = Buffer.from(mini);
  bytes[bytes.length - n]! ^= 1;
  return bytes;
};
const good = variant(1);
const signedRepository = 'ibm-granite/granite-4.2-3b-GGUF';
const name = 'granite-4.2-3b-Q4_K_M.gguf';

let notary: Notary;
let hub: LocalHub;
let bench: Bench;
let folder: string;
beforeAll(async () => {
  notary = await createNotary();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-adding-'));
  hub = await localHub();
  hub.repositories['someone/Demo-GGUF'] = {
    commit: 'c'.repeat(40),
    files: { 'demo-Q4_0.gguf': good, 'README.md': Buffer.from('x') },
  };
  bench = createBench(createFakeLauncher(), undefined, {
    trustRoot: notary.trustRoot,
    environment: { HF_ENDPOINT: hub.origin },
  });
  await bench.list();
});
afterEach(async () => {
  await bench.close();
  hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = () => bench.models.handlers;
const look = async (place: string) => call()['models.look']({ place });
const onHub = async (place: string) => (await look(place)) as LookedAt & { kind: 'hub' };
const code = (code: string, detail?: object) => (detail ? { code, detail } : { code });
const others = async () => (await bench.list()).filter(({ origin }) => origin !== 'builtin');
async function fetched(from: ModelPlace) {
  const before = (await others()).length;
  await call()['models.downloadFrom']({ from });
  await vi.waitFor(async () => expect(await others()).toHaveLength(before + 1), {
    timeout: 20_000,
  });
  await vi.waitFor(async () => expect(await call()['models.downloads']({})).toEqual([]));
  const model = (await others()).at(-1)!;
  return { model, page: await call()['models.proof']({ modelId: model.id }) };
}
const placeOf = async (repository: string, file: string): Promise<ModelPlace> => {
  const { revision } = await onHub(repository);
  return { kind: 'hub', repository, revision, file };
};
async function signed(identity?: string): Promise<Buffer> {
  const resources = [{ name, sha256: sha256(good) }];
  const options = identity === undefined ? {} : { identity };
  return Buffer.from(await notary.make({ statement: statementOf({ resources }), ...options }));
}
const offer = (repository: string, signature: Buffer) => {
  hub.repositories[repository] = {
    commit: 'd'.repeat(40),
    files: { [name]: good, 'model.sig': signature },
  };
};

describe('any other model of the hub', () => {
  it('is looked at, measured by its header alone, fetched, and remembers its place', async () => {
    expect(hub.asked).toEqual([]);
    const looked = await onHub('https://huggingface.co/someone/Demo-GGUF/blob/main/demo-Q4_0.gguf');
    expect(looked).toMatchObject({ revision: 'c'.repeat(40), named: 'demo-Q4_0.gguf' });
    expect(looked.files).toMatchObject([
      { file: 'demo-Q4_0.gguf', quantization: 'Q4_0', sha256: sha256(good), knownAs: null },
    ]);
    hub.asked.length = 0;
    const from = await placeOf('someone/Demo-GGUF', 'demo-Q4_0.gguf');
    const fit = await call()['models.fitOf']({ from });
    expect(fit).toMatchObject({ architecture: 'granitehybrid', verdict: 'fits' });
    const ranges = hub.asked.flatMap((line) => /bytes=(\d+)-(\d+)/.exec(line)?.slice(1) ?? []);
    expect(ranges.map(Number)).toEqual([0, 2 * 1024 * 1024 - 1]);

    const { model, page } = await fetched(from);
    expect(model).toMatchObject({ origin: 'copied', sha256: sha256(good) });
    expect(page.proof).toMatchObject({ level: 'unverified', refusal: null });
    expect(page.cameFrom).toMatchObject({
      ...{ source: 'hub', repository: 'someone/Demo-GGUF', revision: 'c'.repeat(40) },
      ...{ file: 'demo-Q4_0.gguf', isHint: false, signer: null, hasSignature: false },
    });
    expect((await onHub('someone/Demo-GGUF')).files[0]?.knownAs).toBe(model.name);
    const again = call()['models.downloadFrom']({ from });
    await expect(again).rejects.toMatchObject(code('model-exists'));
  });

  it('with the repository’s own signature becomes signed by itself', async () => {
    offer(signedRepository, await signed());
    expect(await onHub(signedRepository)).toMatchObject({
      hasSignature: true,
      signer: { identity: 'Granite-sign@ibm.com' },
    });
    const { page } = await fetched(await placeOf(signedRepository, name));
    expect(page.proof).toMatchObject({ level: 'signed', refusal: null });
    expect(page.steps.find(({ id }) => id === 'signer')?.facts['repository']).toBe(
      signedRepository,
    );
  });

  it.each([
    ['another of IBM’s signers', signedRepository, 'Granite-verify@ibm.com', 'identity-mismatch'],
    ['an impostor', signedRepository, 'Granite-sign@ibm.com.evil.example', 'identity-mismatch'],
    ['IBM, in a copy by someone else', 'someone/copy', undefined, 'signer-not-known'],
    ['IBM, in a look-alike', 'ibm-granite/granite-4.2-3b-GGUF-x', undefined, 'signer-not-known'],
  ])('signed by %s is not called signed', async (_, repository, identity, refusal) => {
    offer(repository, await signed(identity));
    const { page } = await fetched(await placeOf(repository, name));
    expect(page.proof).toMatchObject({ level: 'unverified', signer: null, refusal });
  });

  it('comes without its signature where that cannot be had or is far too long', async () => {
    offer(signedRepository, Buffer.alloc(2 * 1024 * 1024, 32));
    const { model, page } = await fetched(await placeOf(signedRepository, name));
    expect(page.proof).toMatchObject({ level: 'unverified', refusal: null });
    expect(page.cameFrom?.hasSignature).toBe(false);
    expect(sha256(readFileSync(model.path))).toBe(sha256(good));
  });

  it('that is split is shown and refused', async () => {
    const files = { 'm-00001-of-00002.gguf': good, 'm-00002-of-00002.gguf': good };
    hub.repositories['someone/Split'] = { commit: 'e'.repeat(40), files };
    expect((await onHub('someone/Split')).files).toMatchObject([{ parts: 2, sha256: null }]);
    const from = await placeOf('someone/Split', 'm-00001-of-00002.gguf');
    const refusal = code('invalid-argument', { reason: 'parts' });
    await expect(call()['models.downloadFrom']({ from })).rejects.toMatchObject(refusal);
    await expect(call()['models.fitOf']({ from })).rejects.toMatchObject(refusal);
  });

  it('that is gated says so, and that an account is needed', async () => {
    const files = { 'm-Q4_0.gguf': good };
    hub.repositories['someone/Gated'] = { commit: 'e'.repeat(40), gated: true, files };
    expect(await onHub('someone/Gated')).toMatchObject({ isGated: true });
    const from = await placeOf('someone/Gated', 'm-Q4_0.gguf');
    const denied = code('download-failed', { reason: 'denied' });
    await expect(call()['models.downloadFrom']({ from })).rejects.toMatchObject(denied);
    await expect(call()['models.fitOf']({ from })).rejects.toMatchObject(denied);
    expect(await call()['models.downloads']({})).toEqual([]);
  });
});

describe('a hostile hub', () => {
  const entry = (path: string) => ({ type: 'file', path, size: 1, oid: 'x' });
  const answerWith = (tree: readonly unknown[]) => {
    hub.repositories['someone/Demo-GGUF'] = { commit: 'c'.repeat(40), files: {}, tree };
  };

  it('with 100,000 files is looked at all the same; one with 300,000 is given up', async () => {
    answerWith(Array.from({ length: 100_000 }, (_, n) => entry(`m-${n}.gguf`)));
    expect(await onHub('someone/Demo-GGUF')).toMatchObject({ isCut: true });
    answerWith(Array.from({ length: 300_000 }, () => entry('a')));
    const failed = code('download-failed', { reason: 'answer' });
    await expect(look('someone/Demo-GGUF')).rejects.toMatchObject(failed);
  });

  it('with an endless answer, no JSON, or names that lead elsewhere gives nothing', async () => {
    answerWith(['../up.gguf', '/etc/x.gguf', 'a\\b.gguf', 'c:x.gguf', 'ok.gguf'].map(entry));
    expect((await onHub('someone/Demo-GGUF')).files.map(({ file }) => file)).toEqual(['ok.gguf']);
    const failed = code('download-failed', { reason: 'answer' });
    hub.answer = (request, response) => {
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, 32)));
      };
      response.on('drain', write);
      write();
      return request.url !== '';
    };
    await expect(look('someone/Demo-GGUF')).rejects.toMatchObject(failed);
    hub.answer = (_, response) => Boolean(response.end('<html>'));
    await expect(look('someone/Demo-GGUF')).rejects.toMatchObject(failed);
  });

  it('that sends its questions to another host is not followed', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? '');
      json(response, { sha: 'f'.repeat(40) });
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/x`;
    hub.answer = (_, response) => Boolean(response.writeHead(307, { location }).end());
    const failed = code('download-failed', { reason: 'answer' });
    await expect(look('someone/Demo-GGUF')).rejects.toMatchObject(failed);
    expect(asked).toEqual([]);
    other.close();
  });

  it('that renamed the repository is followed where it stays at home', async () => {
    hub.answer = (request, response) => {
      if (!request.url?.includes('/old/Name')) return false;
      const location = request.url.replace('old/Name', 'someone/Demo-GGUF');
      return Boolean(response.writeHead(307, { location }).end());
    };
    expect(await onHub('old/Name')).toMatchObject({ revision: 'c'.repeat(40) });
  });
});

describe('a file at an address', () => {
  it('is fetched without a hash, listed as unverified, and its query is not kept', async () => {
    hub.plain['/files/direct-Q4_0.gguf'] = good;
    const url = `${hub.origin}/files/direct-Q4_0.gguf?key=secret`;
    expect(await look(url)).toMatchObject({ kind: 'address', bytes: good.length });
    const { model, page } = await fetched({ kind: 'address', url });
    expect(model.sha256).toBe(sha256(good));
    expect(page.proof.level).toBe('unverified');
    expect(page.cameFrom).toMatchObject({ source: 'address', repository: null });
    expect(JSON.stringify(page)).not.toContain('secret');
  });

  it('jan#3727: that is no model, or is gone, never stands in the library', async () => {
    hub.plain['/files/no.gguf'] = Buffer.from('This is a letter and no model.');
    const from = { kind: 'address', url: `${hub.origin}/files/no.gguf` } as const;
    await expect(call()['models.fitOf']({ from })).rejects.toMatchObject(code('model-not-gguf'));
    const { downloadId } = await call()['models.downloadFrom']({ from });
    await vi.waitFor(
      async () =>
        expect((await call()['models.downloads']({}))[0]).toMatchObject({
          ...{ catalogId: '', file: 'no.gguf', state: 'failed' },
          error: { code: 'model-not-gguf' },
        }),
      { timeout: 20_000 },
    );
    expect(await others()).toEqual([]);
    await call()['models.cancelDownload']({ downloadId });
    expect(readdirSync(join(bench.folder, 'models'))).toEqual([]);
    const gone = code('download-failed', { reason: 'missing' });
    await expect(look(`${hub.origin}/files/gone.gguf`)).rejects.toMatchObject(gone);
  });

  it('that the library has already is refused once its hash is known', async () => {
    await fetched(await placeOf('someone/Demo-GGUF', 'demo-Q4_0.gguf'));
    hub.plain['/files/same.gguf'] = good;
    await call()['models.downloadFrom']({
      from: { kind: 'address', url: `${hub.origin}/files/same.gguf` },
    });
    await vi.waitFor(
      async () =>
        expect((await call()['models.downloads']({}))[0]?.error?.code).toBe('model-exists'),
      { timeout: 20_000 },
    );
    expect(await others()).toHaveLength(1);
  });
});

describe('models of other programs', () => {
  const put = (path: string, bytes: Buffer): string => {
    const whole = join(folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, bytes);
    return whole;
  };
  const scan = async () => call()['models.scan']({ paths: [folder] });
  const addAll = async () => {
    const results: unknown[] = [];
    for (const { path } of (await scan()).models) {
      const added = Promise.resolve(call()['models.addFound']({ paths: [path] }));
      results.push(await added.then(() => 'added').catch((e: { code: string }) => e.code));
    }
    await vi.waitFor(
      async () => expect((await others()).every(({ sha256 }) => sha256 !== null)).toBe(true),
      { timeout: 20_000 },
    );
    return results;
  };

  it('are added where they lie; a broken one says why and does not stop the rest', async () => {
    const first = put('.lmstudio/models/a/b/a-Q4_0.gguf', variant(2));
    put('.lmstudio/models/a/b/broken.gguf', Buffer.from('GGUF and then nothing'));
    const last = put('.lmstudio/models/a/b/z-Q4_0.gguf', variant(3));
    expect(await addAll()).toEqual(['added', 'model-not-gguf', 'added']);
    const models = await others();
    expect(models.map(({ path }) => path)).toEqual([first, last]);
    expect(models.every(({ origin }) => origin === 'referenced')).toBe(true);
    const { cameFrom } = await call()['models.proof']({ modelId: models[0]!.id });
    expect(cameFrom).toMatchObject({
      ...{ source: 'folder', tool: 'lmstudio', repository: 'a/b', isHint: true },
    });
    expect((await scan()).models.map(({ knownAs }) => knownAs)).toEqual([
      models[0]!.name,
      null,
      models[1]!.name,
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'ollama#941: one file that is reached by several ways is one model',
    async () => {
      const blob = put('hub/models--o--n/blobs/abc', variant(4));
      const link = join(folder, 'hub/models--o--n/snapshots/main/m.gguf');
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(blob, link);
      expect(await addAll()).toEqual(['added']);
      const hard = join(folder, 'hard.gguf');
      linkSync(blob, hard);
      put('copy.gguf', variant(4));
      const known = (await scan()).models.map(({ name, knownAs }) => [name, knownAs !== null]);
      expect(known).toContainEqual(['hard.gguf', true]);
      // A copy has the same bytes: that is seen when it is added.
      expect(known).toContainEqual(['copy.gguf', false]);
      expect(new Set(await addAll())).toEqual(new Set(['model-exists']));
      expect(await others()).toHaveLength(1);
    },
  );

  it('with a model.sig beside them are checked by themselves, in the name of the hint', async () => {
    const path = `.lmstudio/models/${signedRepository}`;
    put(`${path}/${name}`, good);
    put(`${path}/model.sig`, await signed());
    await addAll();
    const [model] = await others();
    expect(model?.proof).toMatchObject({ level: 'signed', refusal: null });
    const page = await call()['models.proof']({ modelId: model!.id });
    expect(page.cameFrom).toMatchObject({ isHint: true, hasSignature: true });
  });

  it('a chosen file, copied, is checked by the model.sig that lay beside it', async () => {
    const path = put('anywhere/m.gguf', good);
    put('anywhere/model.sig', await signed('mallory@example.org'));
    const { taskId } = await call()['models.import']({ paths: [path], mode: 'copy' });
    await bench.tasks.finished(taskId);
    const [model] = await others();
    expect(model?.proof).toMatchObject({ level: 'unverified', refusal: 'identity-mismatch' });
    const { cameFrom } = await call()['models.proof']({ modelId: model!.id });
    expect(cameFrom).toMatchObject({ source: 'file', repository: null, hasSignature: true });
  });
});
