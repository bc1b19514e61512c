import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNotary, granite, ibmIssuer, statementOf } from './bundle.fixture.ts';
import type { Notary } from './bundle.fixture.ts';
import { expectedSigner, ibmSigners } from './identity.ts';
import type { ExpectedSigner } from './identity.ts';
import type { RefusalCode } from '../../ipc/contract/index.ts';
import { stepIds } from './steps.ts';
import { loadTrustRoot } from './trust-root.ts';
import type { TrustRoot } from './trust-root.ts';
import { verifyBundle } from './verify.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const real = readFileSync(join(root, 'test/signatures/granite-4.0-h-tiny.model.sig.json'), 'utf8');
const upstream = readFileSync(
  join(root, 'test/signatures/mt-v1.1.0-sigstore.model.sig.json'),
  'utf8',
);
const tiny = expectedSigner('ibm-granite/granite-4.0-h-tiny') as ExpectedSigner;

let sigstore: TrustRoot;
let notary: Notary;
let own: string;
beforeAll(async () => {
  sigstore = await loadTrustRoot(join(root, 'resources/trust/trusted_root.json'));
  notary = await createNotary();
  own = await notary.make();
});

const checkReal = (bundleText: string, expect: ExpectedSigner = tiny) =>
  verifyBundle({ bundleText, trustRoot: sigstore, expect });
const checkOwn = (bundleText: string, expect: ExpectedSigner = granite) =>
  verifyBundle({ bundleText, trustRoot: notary.trustRoot, expect });
const codeOf = (result: ReturnType<typeof verifyBundle>): RefusalCode | 'accepted' =>
  result.ok ? 'accepted' : result.code;

describe('genuine bundles, offline', () => {
  it('accepts the bundle IBM published for granite-4.0-h-tiny', () => {
    const result = checkReal(real);
    expect(result).toMatchObject({
      ok: true,
      signer: {
        identity: 'Granite-verify@ibm.com',
        issuer: ibmIssuer,
        logIndex: 663838764,
      },
      modelName: 'granite-4.0-h-tiny',
      root: '7af0987c6561ed2e4331dd9ddedbcde4959e5e9b442b498b87e1f1f399d75ac5',
    });
    if (!result.ok) throw new Error(result.code);
    expect(new Date(result.signer.signedAt).toISOString()).toMatch(/^2025-11-03T19:36/);
    expect(result.resources).toHaveLength(13);
    expect(result.resources).toContainEqual({
      name: 'chat_template.jinja',
      sha256: '9524df67b77a7b25a2dfee898f75b316a157eb9d855b51e32aeac79d7c8a83ce',
    });
  });

  it('records every step with what was seen', () => {
    const { steps } = checkReal(real);
    expect(steps.map((one) => one.id)).toEqual([...stepIds]);
    expect(steps.every((one) => one.result === 'passed')).toBe(true);
    const facts = Object.assign({}, ...steps.map((one) => one.facts)) as Record<string, string>;
    expect(facts).toMatchObject({
      subject: 'email:Granite-verify@ibm.com',
      'valid from': '2025-11-03T19:36:35.000Z',
      'valid to': '2025-11-03T19:46:35.000Z',
      entry: '663838764',
      identity: 'Granite-verify@ibm.com',
      files: '13',
    });
    expect(facts).toHaveProperty('public log');
    expect(facts).toHaveProperty('timestamp authority');
  });

  it('accepts the upstream vector of model-signing 1.1.0', () => {
    const expect_ = { identity: 'stefanb@us.ibm.com', issuer: ibmIssuer };
    expect(checkReal(upstream, expect_)).toMatchObject({
      ok: true,
      resources: [{ name: 'signme-1' }, { name: 'signme-2' }],
      ignorePaths: ['.gitignore', '.gitattributes', '.git', '.github', 'ignore-me', 'model.sig'],
    });
  });

  it('accepts a bundle of its own notary, with and without a time authority', async () => {
    expect(codeOf(checkOwn(own))).toBe('accepted');
    expect(codeOf(checkOwn(await notary.make({ withTimestamp: false })))).toBe('accepted');
  });

  it('ignores fields of the predicate that it does not know', async () => {
    const statement = statementOf();
    const text = await notary.make({
      statement: { ...statement, predicate: { ...statement.predicate, later: { a: 1 } } },
    });
    expect(codeOf(checkOwn(text))).toBe('accepted');
  });
});

describe('the wrong signer', () => {
  const other: readonly (readonly [string, string, RefusalCode])[] = [
    ['a suffix', 'Granite-sign@ibm.com.evil.example', 'identity-mismatch'],
    ['a prefix', 'xGranite-sign@ibm.com', 'identity-mismatch'],
    ['other capitals', 'granite-sign@ibm.com', 'identity-mismatch'],
    ['a homoglyph (Cyrillic a)', 'Gr\u0430nite-sign@ibm.com', 'identity-mismatch'],
    ['a letter where a pattern has a dot', 'Granite-sign@ibmxcom', 'identity-mismatch'],
    ['a line break', 'Granite-sign@ibm.com\nx', 'identity-mismatch'],
    ['somebody else', 'mallory@example.org', 'identity-mismatch'],
  ];
  it.each(other)('%s in the certificate: %s', async (_, identity, code) => {
    expect(codeOf(checkOwn(await notary.make({ identity })))).toBe(code);
  });

  it.each([
    'https://sigstore.verify.ibm.com/oauth2/',
    'https://sigstore.verify.ibm.com.evil.example/oauth2',
    'https://accounts.example.org',
  ])('issuer %s', async (issuer) => {
    expect(codeOf(checkOwn(await notary.make({ issuer })))).toBe('issuer-mismatch');
  });

  it.each(['verify@ibm.com', '.*', 'Granite-verify@ibm.co', '', 'Granite-sign@ibm.com'])(
    'the real bundle when %j is expected',
    (identity) => {
      expect(codeOf(checkReal(real, { identity, issuer: ibmIssuer }))).toBe('identity-mismatch');
    },
  );

  it('never mixes the name of one expected signer with the issuer of another', () => {
    const expected = [
      { identity: tiny.identity, issuer: 'https://elsewhere.example' },
      { identity: 'other@ibm.com', issuer: tiny.issuer },
    ];
    const result = verifyBundle({ bundleText: real, trustRoot: sigstore, expect: expected });
    expect(codeOf(result)).toBe('issuer-mismatch');
  });

  it('accepts nothing when nobody is expected', () => {
    const result = verifyBundle({ bundleText: real, trustRoot: sigstore, expect: [] });
    expect(codeOf(result)).toBe('signer-not-known');
  });

  it('a valid signature of another repository’s signer', async () => {
    const text = await notary.make({ identity: 'Granite.Preview@ibm.com' });
    const expect_ = expectedSigner('ibm-granite/granite-4.2-3b-GGUF') as ExpectedSigner;
    expect(codeOf(checkOwn(text, expect_))).toBe('identity-mismatch');
    const any = verifyBundle({ bundleText: text, trustRoot: notary.trustRoot, expect: ibmSigners });
    expect(codeOf(any)).toBe('accepted');
  });
});
