import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from './bundle.fixture.ts';
import { verifyFiles } from './files.ts';
import type { FileReport } from './files.ts';
import { expectedSigner } from './identity.ts';
import { proofLevel } from './level.ts';
import type { ProofFacts } from './level.ts';

let folder = '';
const contents: Readonly<Record<string, string>> = {
  'README.md': 'readme',
  'model-Q4_K_M.gguf': 'four',
  'sub/model-Q8_0.gguf': 'eight',
};
const resources = Object.entries(contents).map(([name, text]) => ({ name, sha256: sha256(text) }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-verify-'));
  mkdirSync(join(folder, 'sub'));
  for (const [name, text] of Object.entries(contents)) write(name, text);
  write('model.sig', '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const verify = (path = folder, ignorePaths: string[] = []) =>
  verifyFiles({ path, resources, ignorePaths, signaturePath: join(folder, 'model.sig') });
const states = (files: readonly FileReport[]) =>
  Object.fromEntries(files.map((one) => [one.name, one.state]));
const all = {
  'README.md': 'covered',
  'model-Q4_K_M.gguf': 'covered',
  'sub/model-Q8_0.gguf': 'covered',
};

describe('a folder', () => {
  it('is covered when every file is', async () => {
    const report = await verify();
    expect(report).toMatchObject({ scope: 'folder', allCovered: true, otherModel: false });
    expect(states(report.files)).toEqual(all);
  });

  it('tells changed, missing and added files apart', async () => {
    write('README.md', 'readme, edited');
    rmSync(join(folder, 'sub/model-Q8_0.gguf'));
    write('extra.gguf', 'unsigned weights');
    const report = await verify();
    expect(report.allCovered).toBe(false);
    expect(states(report.files)).toEqual({
      'README.md': 'mismatch',
      'model-Q4_K_M.gguf': 'covered',
      'sub/model-Q8_0.gguf': 'missing',
      'extra.gguf': 'not-listed',
    });
  });

  it('finds one flipped bit', async () => {
    write('model-Q4_K_M.gguf', 'fouR');
    expect(states((await verify()).files)['model-Q4_K_M.gguf']).toBe('mismatch');
  });

  it('leaves out git’s paths, the signature and what the statement ignores, with all below', async () => {
    mkdirSync(join(folder, '.git/objects'), { recursive: true });
    mkdirSync(join(folder, 'cache'));
    for (const name of ['.git/objects/a', '.gitattributes', '.gitignore', 'cache/b'])
      write(name, 'x');
    expect(states((await verify(folder, ['cache'])).files)).toEqual(all);
    expect(states((await verify(folder)).files)).toEqual({ ...all, 'cache/b': 'not-listed' });
    write('cached', 'x');
    expect((await verify(folder, ['cache'])).allCovered).toBe(false);
  });

  it('compares a signed file even when the statement also ignores it', async () => {
    write('README.md', 'other');
    expect(states((await verify(folder, ['README.md'])).files)['README.md']).toBe('mismatch');
  });

  it('follows no link, to a file or to a folder', async () => {
    renameSync(join(folder, 'README.md'), join(folder, '.gitignore'));
    symlinkSync('.gitignore', join(folder, 'README.md'));
    symlinkSync('sub', join(folder, 'also'));
    const report = await verify();
    expect(report.allCovered).toBe(false);
    expect(states(report.files)).toMatchObject({ 'README.md': 'not-a-file', also: 'not-a-file' });
  });

  it('knows a signature of another model', async () => {
    for (const name of Object.keys(contents)) write(name, `other ${name}`);
    expect(await verify()).toMatchObject({ allCovered: false, otherModel: true });
  });
});

describe('a single file', () => {
  it('counts alone, whatever else is missing', async () => {
    rmSync(join(folder, 'README.md'));
    const report = await verify(join(folder, 'model-Q4_K_M.gguf'));
    expect(report).toMatchObject({ scope: 'file', allCovered: true });
    expect(states(report.files)).toEqual({ 'model-Q4_K_M.gguf': 'covered' });
  });

  it('is found by its path below the signature', async () => {
    const report = await verify(join(folder, 'sub/model-Q8_0.gguf'));
    expect(states(report.files)).toEqual({ 'sub/model-Q8_0.gguf': 'covered' });
  });

  it('is not covered under the name of another one, and says whose bytes it has', async () => {
    write('model-Q4_K_M.gguf', 'eight');
    const [file] = (await verify(join(folder, 'model-Q4_K_M.gguf'))).files;
    expect(file).toMatchObject({ state: 'mismatch', sameBytesAs: 'sub/model-Q8_0.gguf' });
  });

  it('is not listed when the signature does not name it', async () => {
    write('new.gguf', 'new');
    const report = await verify(join(folder, 'new.gguf'));
    expect(report).toMatchObject({ allCovered: false, otherModel: true });
    expect(states(report.files)).toEqual({ 'new.gguf': 'not-listed' });
  });

  it('is hashed when it is empty', async () => {
    write('empty', '');
    const [file] = (await verify(join(folder, 'empty'))).files;
    expect(file?.sha256).toBe(sha256(''));
  });

  it('is missing when there is none', async () => {
    await expect(verify(join(folder, 'none'))).rejects.toMatchObject({ code: 'model-missing' });
  });
});

describe('levels', () => {
  const file = (state: FileReport['state']): FileReport => ({
    name: 'm',
    state,
    sha256: 'aa',
    sameBytesAs: null,
  });
  const good = { ok: true } as ProofFacts['bundle'];
  const refused = { ok: false } as ProofFacts['bundle'];
  it.each([
    ['signed', good, 'covered', null],
    ['signed', good, 'covered', 'aa'],
    ['hash', null, 'not-listed', 'aa'],
    ['hash', good, 'not-listed', 'aa'],
    ['unverified', good, 'not-listed', null],
    ['unverified', good, 'mismatch', 'aa'],
    ['unverified', refused, 'covered', 'aa'],
    ['unverified', refused, 'not-listed', 'aa'],
    ['unverified', null, 'not-listed', 'bb'],
    ['unverified', null, 'not-listed', null],
  ] as const)('%s', (level, bundle, state, pinned) => {
    expect(proofLevel({ bundle, file: file(state), pinned })).toBe(level);
  });
});

describe('who must have signed a repository', () => {
  it.each([
    ['ibm-granite/granite-4.0-h-tiny', 'Granite-verify@ibm.com'],
    ['ibm-granite/granite-4.0-micro-base', 'Granite-verify@ibm.com'],
    ['ibm-granite/granite-4.0-h-1b-base', 'Granite-sign@ibm.com'],
    ['ibm-granite/granite-4.0-tiny-preview', 'Granite.Preview@ibm.com'],
    ['ibm-granite/granite-4.1-8b', 'Granite-sign@ibm.com'],
    ['ibm-granite/granite-4.2-3b-GGUF', 'Granite-sign@ibm.com'],
    ['ibm-granite/granite-4.0-h-tiny-GGUF', undefined],
    ['unsloth/granite-4.0-h-tiny', undefined],
    ['evil/ibm-granite/granite-4.2-3b', undefined],
    ['ibm-granite/granite-4.2-3b/../x', undefined],
    ['ibm-granite/granite-4x2-3b', undefined],
  ])('%s: %s', (repository, identity) => {
    expect(expectedSigner(repository)?.identity).toBe(identity);
  });
});
