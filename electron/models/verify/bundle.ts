import { open } from 'node:fs/promises';
import { bundleFromJSON } from '@sigstore/bundle';
import type { BundleLatest } from '@sigstore/bundle';
import { Refusal } from './refusal.ts';
import type { RefusalCode } from '../../ipc/contract/index.ts';

/** IBM's bundles are 11 KB; a model of 10,000 files stays below 3 MB. In UTF-16 units and bytes. */
export const maxBundleBytes = 4 * 1024 * 1024;
/** A bundle nests 6 levels, its statement 5. */
const maxDepth = 32;

/** v0.3 and no other: earlier versions do without the log's proof of inclusion. */
const mediaTypes: readonly unknown[] = [
  'application/vnd.dev.sigstore.bundle.v0.3+json',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
];

/** Of every version. */
const mediaType = 'application/vnd.dev.sigstore.bundle';

type Json = Readonly<Record<string, unknown>>;

export interface ParsedBundle {
  readonly bundle: BundleLatest;
  readonly payloadType: string;
  /** The signed bytes: never serialised again. */
  readonly payload: Buffer;
}

/**
 * Reads a bundle's text, never more than one byte above the limit: what is longer is refused by
 * `parseBundle`. Throws the error of the file system.
 */
export async function readBundleText(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const buffer = Buffer.alloc(Math.min((await handle.stat()).size, maxBundleBytes) + 1);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.toString('utf8', 0, filled);
  } finally {
    await handle.close();
  }
}

/** Text to a structurally sound bundle of the keyless kind. Throws Refusal. */
export function parseBundle(text: string): ParsedBundle {
  if (text.length > maxBundleBytes) throw new Refusal('bundle-too-large');
  const json = parseLimited(text, 'bundle-too-deep', 'bundle-not-json');
  if (!isObject(json)) throw new Refusal('bundle-structure');
  const type = json['mediaType'];
  // Any other JSON file, chosen by mistake, is no bundle of another version.
  if (typeof type !== 'string' || !type.startsWith(mediaType)) {
    throw new Refusal('bundle-structure', { part: 'mediaType' });
  }
  if (!mediaTypes.includes(type)) throw new Refusal('bundle-version');
  const material = json['verificationMaterial'];
  if (!isObject(material)) throw new Refusal('bundle-structure', { part: 'verificationMaterial' });
  if ('publicKey' in material) throw new Refusal('method-key');
  if ('x509CertificateChain' in material) throw new Refusal('method-certificate');
  const envelope = json['dsseEnvelope'];
  if (!isObject(envelope)) throw new Refusal('bundle-no-envelope');
  if (!Array.isArray(envelope['signatures']) || envelope['signatures'].length !== 1) {
    throw new Refusal('bundle-signature-count');
  }
  let bundle;
  try {
    bundle = bundleFromJSON(json);
  } catch (error) {
    // The library throws errors of its own and, for values of wrong types, TypeErrors.
    throw new Refusal('bundle-structure', { part: fieldsOf(error) });
  }
  if (bundle.content.$case !== 'dsseEnvelope') throw new Refusal('bundle-no-envelope');
  if (bundle.verificationMaterial.content.$case !== 'certificate') {
    throw new Refusal('bundle-structure', { part: 'certificate' });
  }
  const { payloadType, payload } = bundle.content.dsseEnvelope;
  // bundleFromJSON checked what the media type asks of v0.3.
  return { bundle: bundle as BundleLatest, payloadType, payload };
}

/**
 * JSON.parse for hostile text: the depth is counted beforehand in one pass, because a parser may
 * recurse. Throws Refusal with the code given for each case.
 */
export function parseLimited(text: string, tooDeep: RefusalCode, notJson: RefusalCode): unknown {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 0x5c) at++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > maxDepth) throw new Refusal(tooDeep);
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(notJson);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(error: unknown): string {
  const fields = isObject(error) ? error['fields'] : undefined;
  return Array.isArray(fields) ? fields.join(', ') : 'unreadable';
}
