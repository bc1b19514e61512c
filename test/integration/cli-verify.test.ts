import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quarry } from './cli-support.ts';
import { root } from './models-support.ts';

const fixture = (name: string) => join(root, 'test/signatures', `${name}.model.sig.json`);
const issuer = 'https://sigstore.verify.ibm.com/oauth2';
const upstreamSigner = ['--identity', 'stefanb@us.ibm.com', '--issuer', issuer];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-proof-'));
  for (const name of ['signme-1', 'signme-2']) writeFileSync(join(folder, name), name);
  copyFileSync(fixture('mt-v1.1.0-sigstore'), join(folder, 'model.sig'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function verify(...args: readonly string[]) {
  const { code, stdout } = await quarry(['verify', ...args, '--json']);
  return { code, ...(JSON.parse(stdout) as Record<string, any>) }; // eslint-disable-line @typescript-eslint/no-explicit-any
}

describe('quarry verify, with the upstream vector and its files', () => {
  it('a whole folder: 0, the signer and every file', async () => {
    expect(await verify(folder, ...upstreamSigner)).toMatchObject({
      code: 0,
      scope: 'folder',
      level: 'signed',
      signature: {
        valid: true,
        code: null,
        signer: { identity: 'stefanb@us.ibm.com', issuer, logIndex: expect.any(Number) as number },
      },
      files: [
        { name: 'signme-1', state: 'covered' },
        { name: 'signme-2', state: 'covered' },
      ],
    });
  });

  it('one file while the other is missing: 0 for the file, 5 for the folder', async () => {
    rmSync(join(folder, 'signme-2'));
    const one = await verify(join(folder, 'signme-1'), ...upstreamSigner);
    expect(one).toMatchObject({ code: 0, scope: 'file', level: 'signed' });
    const all = await verify(folder, ...upstreamSigner);
    expect(all).toMatchObject({
      code: 5,
      level: 'unverified',
      signature: { valid: true },
      files: [{ state: 'covered' }, { name: 'signme-2', state: 'missing' }],
    });
  });

  it('a changed file and an added one: 5, each with its state', async () => {
    writeFileSync(join(folder, 'signme-1'), 'signme-l');
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub/extra.gguf'), 'x');
    const result = await verify(folder, ...upstreamSigner);
    expect(result).toMatchObject({
      code: 5,
      level: 'unverified',
      signature: { valid: true, otherModel: false },
      files: [
        { name: 'signme-1', state: 'mismatch' },
        { name: 'signme-2', state: 'covered' },
        { name: 'sub/extra.gguf', state: 'not-listed' },
      ],
    });
  });

  it('a signer who is not the expected one: 5, and nothing said about files', async () => {
    expect(await verify(folder)).toMatchObject({
      code: 5,
      level: 'unverified',
      signature: { valid: false, code: 'identity-mismatch', signer: null },
      files: [],
    });
    const repository = await verify(folder, '--repository', 'ibm-granite/granite-4.2-3b-GGUF');
    expect(repository).toMatchObject({ code: 5, signature: { code: 'identity-mismatch' } });
  });

  it('a signature by IBM of another model: 5', async () => {
    const result = await verify(folder, '--signature', fixture('granite-4.0-h-tiny'));
    expect(result).toMatchObject({
      code: 5,
      level: 'unverified',
      signature: {
        valid: true,
        otherModel: true,
        model: 'granite-4.0-h-tiny',
        signer: { identity: 'Granite-verify@ibm.com', logIndex: 663838764 },
      },
    });
  });

  it('a private certificate: 5 with its own code', async () => {
    const result = await verify(folder, '--signature', fixture('mt-v1.1.0-certificate'));
    expect(result).toMatchObject({ code: 5, signature: { code: 'method-certificate' } });
  });

  it('no signature at all: 4', async () => {
    rmSync(join(folder, 'model.sig'));
    expect(await verify(folder)).toMatchObject({
      code: 4,
      level: 'unverified',
      signature: null,
      files: [{ state: 'not-listed' }, { state: 'not-listed' }],
    });
  });

  it('a signature that is named but not there: 1', async () => {
    const { code, stderr } = await quarry(['verify', folder, '--signature', 'none.sig']);
    expect(code).toBe(1);
    expect(stderr).toContain('no model file at none.sig');
  });

  it('says it in words, with the steps under --verbose', async () => {
    const good = await quarry(['verify', folder, ...upstreamSigner, '--verbose']);
    expect(good.code).toBe(0);
    expect(good.stdout).toContain('Every file is covered by that signature.');
    expect(good.stdout).toMatch(
      /Checked offline with the keys as of 20\d\d-\d\d-\d\d, shipped with Quarry/,
    );
    expect(good.stdout).not.toContain('by IBM (');
    expect(good.stderr.match(/^passed {5}/gm)).toHaveLength(8);
    const bad = await quarry(['verify', folder]);
    expect(bad.stderr).toContain('signed by someone else than expected (identity-mismatch)');
    expect(bad.stdout).not.toContain('covered');
  });
});
