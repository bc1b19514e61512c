import { beforeAll, describe, expect, it } from 'vitest';
import { createNotary, defaultResources, granite, sha256, statementOf } from './bundle.fixture.ts';
import type { Notary } from './bundle.fixture.ts';
import type { RefusalCode } from '../../ipc/contract/index.ts';
import { verifyBundle } from './verify.ts';

let notary: Notary;
beforeAll(async () => {
  notary = await createNotary();
});

const signed = async (statement: unknown): Promise<string> =>
  check(await notary.make({ statement }));
function check(bundleText: string): string {
  const result = verifyBundle({ bundleText, trustRoot: notary.trustRoot, expect: granite });
  return result.ok ? 'accepted' : result.code;
}
const named = (...names: readonly string[]) =>
  statementOf({ resources: names.map((name, index) => ({ name, sha256: sha256(`${index}`) })) });
function with_(change: (statement: ReturnType<typeof statementOf>) => void) {
  const statement = structuredClone(statementOf());
  change(statement);
  return statement;
}

describe('statements with a valid signature that are refused all the same', () => {
  const attacks: readonly (readonly [string, RefusalCode, unknown])[] = [
    [
      'another statement type',
      'statement-type',
      { ...statementOf(), _type: 'https://in-toto.io/Statement/v0.1' },
    ],
    ['no statement type', 'statement-type', { ...statementOf(), _type: undefined }],
    [
      'the old predicate',
      'predicate-type',
      { ...statementOf(), predicateType: 'https://model_signing/Digests/v0.1' },
    ],
    [
      'a predicate about builds',
      'predicate-type',
      { ...statementOf(), predicateType: 'https://slsa.dev/provenance/v1' },
    ],
    [
      'two subjects',
      'subject-count',
      with_((s) => s.subject.push({ name: 'x', digest: { sha256: '' } })),
    ],
    ['no subject', 'subject-count', { ...statementOf(), subject: [] }],
    [
      'a subject without a digest',
      'statement-structure',
      { ...statementOf(), subject: [{ name: 'x' }] },
    ],
    [
      'another root digest',
      'root-digest',
      { ...statementOf(), subject: [{ name: 'x', digest: { sha256: sha256('') } }] },
    ],
    [
      'resources in another order than the root',
      'root-digest',
      with_((s) => s.predicate.resources.reverse()),
    ],
    [
      'one resource changed, the root not',
      'root-digest',
      with_((s) => (s.predicate.resources[1]!.digest = sha256('bad'))),
    ],
    ['one resource left out', 'root-digest', with_((s) => s.predicate.resources.pop())],
    [
      'one resource added',
      'root-digest',
      with_((s) =>
        s.predicate.resources.push({ name: 'x', algorithm: 'sha256', digest: sha256('x') }),
      ),
    ],
    ['no resources', 'resources-empty', statementOf({ resources: [] })],
    [
      'a digest in capitals',
      'resource-malformed',
      with_((s) => (s.predicate.resources[0]!.digest = sha256('readme').toUpperCase())),
    ],
    [
      'a short digest',
      'resource-malformed',
      with_((s) => (s.predicate.resources[0]!.digest = 'abc')),
    ],
    [
      'a resource without a name',
      'resource-malformed',
      with_((s) => delete (s.predicate.resources[0] as { name?: string }).name),
    ],
    [
      'one resource hashed with blake2',
      'hash-type',
      with_((s) => (s.predicate.resources[0]!.algorithm = 'blake2')),
    ],
    ['blake2', 'hash-type', statementOf({ serialization: { hash_type: 'blake2' } })],
    ['blake3', 'hash-type', statementOf({ serialization: { hash_type: 'blake3' } })],
    [
      'shards',
      'method-shards',
      statementOf({ serialization: { method: 'shards', shard_size: 1000000 } }),
    ],
    ['an unknown method', 'method-unknown', statementOf({ serialization: { method: 'tree' } })],
    ['links allowed', 'symlinks-allowed', statementOf({ serialization: { allow_symlinks: true } })],
    ['no serialization', 'statement-structure', { ...statementOf(), predicate: { resources: [] } }],
    [
      'ignored paths that are no list',
      'statement-structure',
      statementOf({ serialization: { ignore_paths: 'x' } }),
    ],
    ['a list', 'statement-structure', []],
    ['a duplicate name', 'name-duplicate', named('a', 'b', 'a')],
    ['a name that climbs out', 'name-traversal', named('../a')],
    ['a name that climbs out in the middle', 'name-traversal', named('a/../../b')],
    ['a name with a dot as a folder', 'name-traversal', named('a/./b')],
    ['dots that Windows shortens', 'name-traversal', named('.. /b')],
    ['an absolute name', 'name-absolute', named('/etc/passwd')],
    ['a backslash', 'name-backslash', named('..\\a')],
    ['a drive', 'name-drive', named('C:a')],
    ['a stream', 'name-drive', named('model.gguf:hidden')],
    ['NUL', 'name-control', named('model.gguf\0.txt')],
    ['a line break', 'name-control', named('a\nb')],
    ['an empty name', 'name-empty', named('')],
    ['an empty part', 'name-empty', named('a//b')],
    ['names that differ in capitals', 'name-case-collision', named('Model.gguf', 'model.gguf')],
    [
      'names that differ in capitals of other letters',
      'name-case-collision',
      named('stra\u00dfe', 'STRASSE'),
    ],
    ['names that differ in a final dot', 'name-case-collision', named('model', 'model.')],
    [
      'names that differ in the form of an accent',
      'name-unicode-collision',
      named('caf\u00e9', 'cafe\u0301'),
    ],
  ];
  it.each(attacks)('%s: %s', async (_, code, statement) => {
    expect(await signed(statement)).toBe(code);
  });

  it('another payload type', async () => {
    expect(check(await notary.make({ payloadType: 'application/json' }))).toBe('payload-type');
  });

  it.each([
    ['no JSON', 'payload-not-json', Buffer.from('hello')],
    ['cut short', 'payload-not-json', Buffer.from(JSON.stringify(statementOf()).slice(0, -3))],
    ['no UTF-8', 'payload-not-json', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['too deep', 'payload-too-deep', Buffer.from('['.repeat(5000))],
  ])('a payload that is %s: %s', async (_, code, payload) => {
    expect(check(await notary.make({ payload }))).toBe(code);
  });
});

describe('statements that are sound', () => {
  it('gives resources in listed order and drops ignored paths that leave the folder', async () => {
    const paths = ['model.sig', '../up', '/abs', 'a/../b', 'C:x', 'ok/inner'];
    const bundleText = await notary.make({
      statement: statementOf({ serialization: { ignore_paths: paths } }),
    });
    const result = verifyBundle({ bundleText, trustRoot: notary.trustRoot, expect: granite });
    expect(result).toMatchObject({
      ok: true,
      resources: defaultResources,
      ignorePaths: ['model.sig', 'ok/inner'],
    });
  });

  it('takes names with folders, spaces and other scripts', async () => {
    expect(await signed(named('a/b/c.gguf', 'a b.txt', '\u6a21\u578b.gguf', '.hidden'))).toBe(
      'accepted',
    );
  });
});
