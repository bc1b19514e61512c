import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import { ggufBytes, graniteFixture, graniteShapes } from '../../electron/models/gguf.fixture.ts';
import { createNotary, granite, statementOf } from '../../electron/models/verify/bundle.fixture.ts';
import type { Notary } from '../../electron/models/verify/bundle.fixture.ts';
import { createBench, miniature, root } from './models-support.ts';
import type { Bench } from './models-support.ts';

let notary: Notary;
let folder = '';
let bench: Bench;
beforeAll(async () => {
  notary = await createNotary();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-proof-'));
  bench = createBench(createFakeLauncher(), undefined, { trustRoot: notary.trustRoot });
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const other = { name: 'README.md', sha256: 'b'.repeat(64) };
/** A signature of IBM's over these files, unless the options say otherwise. */
async function signature(
  resources: readonly { name: string; sha256: string }[],
  options: { identity?: string } = {},
): Promise<string> {
  const path = join(folder, 'model.sig');
  writeFileSync(path, await notary.make({ statement: statementOf({ resources }), ...options }));
  return path;
}
async function verify(modelId: string, ...paths: string[]) {
  const { taskId } = await bench.models.handlers['models.verify']({ modelId, paths });
  await bench.tasks.finished(taskId);
  return bench.models.handlers['models.proof']({ modelId });
}
const proofOf = async (id: string) => (await bench.list()).find((one) => one.id === id)?.proof;
const mini = async () => (await bench.named('Miniature (demo)')).id;

async function referenced(): Promise<{ id: string; path: string }> {
  const path = join(folder, 'tiny.gguf');
  writeFileSync(path, ggufBytes(graniteFixture(graniteShapes['h-tiny'])));
  const { modelId, taskId } = await bench.models.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  await bench.tasks.finished(taskId);
  return { id: modelId, path };
}
/** As a failing disk does it: size and time stay. */
function flipByte(path: string): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

describe('a signature of a model', () => {
  it('that covers the file makes it signed, and says how', async () => {
    const id = await mini();
    const hash = sha256(miniature);
    const page = await verify(id, await signature([other, { name: 'm.gguf', sha256: hash }]));
    expect(page.proof).toMatchObject({ level: 'signed', signer: granite, refusal: null });
    expect(page.proof.signer?.signedAt).toBeGreaterThan(0);
    expect(page.steps.map((step) => step.result)).toEqual(Array(9).fill('passed'));
    expect(page.steps.at(-1)).toMatchObject({
      id: 'file',
      facts: { sha256: hash, 'signed as': 'm.gguf', 'files signed': '2' },
    });
    // No repository is known for these bytes, so any of IBM's identities counts; that is said.
    expect(page.steps.find((step) => step.id === 'signer')?.facts).toMatchObject({
      identity: granite.identity,
      accepted: 'ibm',
    });
    expect(page.trustRootAt).toBe(notary.trustRoot.newestKeyAt);
    expect(await proofOf(id)).toEqual(page.proof);
  });

  it('by someone else is refused and stored; later steps were not reached', async () => {
    const resources = [{ name: 'm.gguf', sha256: sha256(miniature) }];
    const path = await signature(resources, { identity: `${granite.identity}.evil.example` });
    const page = await verify(await mini(), path);
    expect(page.proof).toMatchObject({
      level: 'unverified',
      signer: null,
      refusal: 'identity-mismatch',
    });
    const results = Object.fromEntries(page.steps.map((step) => [step.id, step.result]));
    expect(results).toMatchObject({
      signature: 'passed',
      signer: 'failed',
      statement: 'not-reached',
      file: 'not-reached',
    });
  });

  it('of other files, or no signature at all, proves nothing about this one', async () => {
    const id = await mini();
    const named = await signature([{ name: 'miniature.gguf', sha256: 'c'.repeat(64) }]);
    const page = await verify(id, named);
    expect(page.proof).toMatchObject({ level: 'unverified', refusal: 'file-not-covered' });
    expect(page.steps.at(-1)).toMatchObject({
      result: 'failed',
      facts: { 'signed under this name': 'c'.repeat(64) },
    });
    const junk = join(folder, 'junk.sig');
    writeFileSync(junk, 'no JSON');
    expect((await verify(id, junk)).proof.refusal).toBe('bundle-not-json');
  });

  it('that is refused takes no earlier proof of the same bytes away', async () => {
    const id = await mini();
    await verify(id, await signature([{ name: 'm.gguf', sha256: sha256(miniature) }]));
    const page = await verify(id, await signature([other]));
    expect(page.proof).toMatchObject({ level: 'signed', refusal: 'file-not-covered' });
  });

  it('that cannot be read fails the task, not the file’s hash', async () => {
    const id = await mini();
    await expect(verify(id, join(folder, 'gone.sig'))).rejects.toThrowError();
    expect((await bench.named('Miniature (demo)')).hashState).toBe('done');
  });
});

describe('checking a file again', () => {
  it('finds one flipped byte, says since when, and takes the word signed away', async () => {
    const { id, path } = await referenced();
    const signed = sha256(path);
    const before = await verify(id, await signature([{ name: 'tiny.gguf', sha256: signed }]));
    expect(before.proof.level).toBe('signed');
    expect((await verify(id)).proof).toMatchObject({ level: 'signed', changedSince: null });

    flipByte(path);
    const { proof, expectedSha256, sha256: found } = await verify(id);
    expect(proof).toMatchObject({ level: 'unverified', signer: null });
    expect([expectedSha256, found]).toEqual([signed, sha256(path)]);
    const since = proof.changedSince;
    expect(since).toBe(proof.checkedAt);
    // Later checks do not move the day.
    expect((await verify(id)).proof.changedSince).toBe(since);

    flipByte(path);
    expect((await verify(id)).proof).toMatchObject({ level: 'signed', changedSince: null });
  });

  it('notices it for a file that nobody vouched for, too', async () => {
    const { id, path } = await referenced();
    flipByte(path);
    expect((await verify(id)).proof.changedSince).not.toBeNull();
  });

  it('a signed file that was replaced turns the badge without being asked', async () => {
    const { id, path } = await referenced();
    await verify(id, await signature([{ name: 'tiny.gguf', sha256: sha256(path) }]));
    flipByte(path);
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    expect((await proofOf(id))?.level).toBe('unverified');
    const hashing = bench.tasks.list().findLast((task) => task.targetId === id);
    await bench.tasks.finished(hashing!.id);
    expect((await proofOf(id))?.changedSince).not.toBeNull();
  });
});

describe('a hash of the catalogue', () => {
  const withCatalog = async (status: 'pinned' | 'hint') => {
    await bench.close();
    const resources = join(folder, 'resources');
    cpSync(join(root, 'resources', 'miniature'), join(resources, 'miniature'), { recursive: true });
    const text = readFileSync(join(root, 'resources', 'catalog.json'), 'utf8');
    const catalog = JSON.parse(text) as { models: { gguf: { files: object[] } | null }[] };
    const gguf = catalog.models.find((one) => (one.gguf?.files.length ?? 0) > 0)!.gguf!;
    gguf.files[0] = { ...gguf.files[0], sha256: { value: sha256(miniature), status } };
    writeFileSync(join(resources, 'catalog.json'), JSON.stringify(catalog));
    bench = createBench(createFakeLauncher(), undefined, { resourcesFolder: resources });
    return (await verify(await mini())).proof;
  };

  it('that is pinned and fits makes the level hash, with its repository', async () => {
    const proof = await withCatalog('pinned');
    expect(proof).toMatchObject({ level: 'hash', signer: null });
    expect(proof.repository).toMatch(/^ibm-granite\//);
  });

  it('that one source told, or that was only computed, proves nothing', async () => {
    expect(await withCatalog('hint')).toMatchObject({ level: 'unverified', repository: null });
  });
});
