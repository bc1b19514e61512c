import { readFile } from 'node:fs/promises';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial } from '@sigstore/verify';
import type { TrustMaterial } from '@sigstore/verify';
import { AppError } from '../../ipc/app-error.ts';

export interface TrustRoot {
  readonly material: TrustMaterial;
  /** The certificates of the authorities that may have issued a signer's certificate, DER. */
  readonly authorities: readonly Buffer[];
  /** When the newest key in it came into force, epoch ms: the root's age as far as it can tell. */
  readonly newestKeyAt: number | null;
}

/** Reads a Sigstore trusted_root.json. Throws AppError 'internal' when it is missing or damaged. */
export async function loadTrustRoot(path: string): Promise<TrustRoot> {
  try {
    return trustRootFrom(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new AppError('internal', 'the trust root cannot be read', { cause: error });
  }
}

/** From parsed JSON. Throws when it is not a trusted root. */
export function trustRootFrom(json: unknown): TrustRoot {
  const root = TrustedRoot.fromJSON(json);
  const starts = [
    ...root.certificateAuthorities.map((one) => one.validFor?.start),
    ...root.timestampAuthorities.map((one) => one.validFor?.start),
    ...[...root.tlogs, ...root.ctlogs].map((one) => one.publicKey?.validFor?.start),
  ].flatMap((date) => (date === undefined ? [] : [date.getTime()]));
  return {
    material: toTrustMaterial(root),
    authorities: root.certificateAuthorities.flatMap((one) =>
      (one.certChain?.certificates ?? []).map((certificate) => Buffer.from(certificate.rawBytes)),
    ),
    newestKeyAt: starts.length === 0 ? null : Math.max(...starts),
  };
}
