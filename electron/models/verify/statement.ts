import { createHash } from 'node:crypto';
import { isObject, parseLimited } from './bundle.ts';
import { checkNames } from './names.ts';
import { Refusal } from './refusal.ts';

const payloadTypeWanted = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
const predicateTypeWanted = 'https://model_signing/signature/v1.0';

/** A signed file. */
export interface Resource {
  /** POSIX path relative to the model's folder. */
  readonly name: string;
  /** 64 hex digits, lower case. */
  readonly sha256: string;
}

export interface Statement {
  /** Informative: signers write what they like here (granite.md §1.5, guardian). */
  readonly modelName: string;
  readonly root: string;
  /** In the order of the statement, which the root digest is over. */
  readonly resources: readonly Resource[];
  /** Paths that the signer left out; those that leave the folder are dropped. */
  readonly ignorePaths: readonly string[];
}

/**
 * Reads a model-signing statement (OpenSSF model signing v1.0) from the bytes that were signed.
 * Root digest: sha256 over the raw resource digests in listed order (model-transparency,
 * `dsse_payload_to_manifest`). Fields it does not know are ignored, as the format asks. Throws Refusal.
 */
export function readStatement(payloadType: string, payload: Uint8Array): Statement {
  if (payloadType !== payloadTypeWanted) throw new Refusal('payload-type', { payloadType });
  const json = parseLimited(decode(payload), 'payload-too-deep', 'payload-not-json');
  if (!isObject(json)) throw new Refusal('statement-structure');
  if (json['_type'] !== statementType) throw new Refusal('statement-type');
  if (json['predicateType'] !== predicateTypeWanted) throw new Refusal('predicate-type');
  const subjects = json['subject'];
  if (!Array.isArray(subjects) || subjects.length !== 1) throw new Refusal('subject-count');
  const subject: unknown = subjects[0];
  const predicate = json['predicate'];
  if (!isObject(subject) || !isObject(subject['digest']) || !isObject(predicate)) {
    throw new Refusal('statement-structure');
  }
  const ignorePaths = readSerialization(predicate['serialization']);
  const resources = readResources(predicate['resources']);
  checkNames(resources.map((one) => one.name));
  const root = rootDigest(resources);
  if (subject['digest']['sha256'] !== root) throw new Refusal('root-digest', { computed: root });
  const modelName = typeof subject['name'] === 'string' ? subject['name'] : '';
  return { modelName, root, resources, ignorePaths };
}

/** sha256 over the raw digests in listed order, as 64 hex digits. */
export function rootDigest(resources: readonly Resource[]): string {
  const hash = createHash('sha256');
  for (const { sha256 } of resources) hash.update(Buffer.from(sha256, 'hex'));
  return hash.digest('hex');
}

function decode(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    throw new Refusal('payload-not-json');
  }
}

function readSerialization(given: unknown): string[] {
  if (!isObject(given)) throw new Refusal('statement-structure', { part: 'serialization' });
  if (given['method'] === 'shards') throw new Refusal('method-shards');
  if (given['method'] !== 'files') throw new Refusal('method-unknown');
  if (given['hash_type'] !== 'sha256') throw new Refusal('hash-type');
  if (given['allow_symlinks'] === true) throw new Refusal('symlinks-allowed');
  const paths = given['ignore_paths'] ?? [];
  if (!Array.isArray(paths)) throw new Refusal('statement-structure', { part: 'ignore_paths' });
  return paths.filter((path): path is string => typeof path === 'string' && staysInside(path));
}

const staysInside = (path: string): boolean =>
  path !== '' &&
  !path.startsWith('/') &&
  !/[\\:\0]/.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

function readResources(given: unknown): Resource[] {
  if (!Array.isArray(given)) throw new Refusal('statement-structure', { part: 'resources' });
  if (given.length === 0) throw new Refusal('resources-empty');
  return given.map((one: unknown) => {
    if (!isObject(one) || typeof one['name'] !== 'string') throw new Refusal('resource-malformed');
    if (one['algorithm'] !== 'sha256') throw new Refusal('hash-type', { name: one['name'] });
    const digest = one['digest'];
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) {
      throw new Refusal('resource-malformed', { name: one['name'] });
    }
    return { name: one['name'], sha256: digest };
  });
}
