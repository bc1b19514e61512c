import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  Key,
  Metadata,
  MetaFile,
  Root,
  Signature,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from '@tufjs/models';

/** A TUF repository made in memory, and what it can be made to do wrong. */
export interface TufRepository {
  /** Answers a path such as '/2.root.json'; undefined = not there. */
  answer(path: string): Buffer | undefined;
  /** The root that a client ships with. */
  readonly firstRoot: Buffer;
  /** Publishes the target anew, each of the parts a version higher. */
  publish(options: {
    readonly content: string;
    readonly version: number;
    readonly expires?: Date;
    /** Keys that nobody was told about sign it. */
    readonly foreign?: boolean;
  }): void;
  /** A new root, signed by the old keys as it must be, with new keys. */
  rotate(): void;
  /** Other bytes under the target's own name. */
  spoil(content: string): void;
}

interface Pair {
  readonly key: Key;
  sign(data: Buffer): Signature;
}

function newPair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const keyID = createHash('sha256').update(pem).digest('hex');
  const key = new Key({
    keyID,
    keyType: 'ecdsa',
    scheme: 'ecdsa-sha2-nistp256',
    keyVal: { public: pem },
  });
  return {
    key,
    sign: (data) => new Signature({ keyID, sig: sign('sha256', data, privateKey).toString('hex') }),
  };
}

const specVersion = '1.0.0';
const later = (): Date => new Date(Date.now() + 86_400_000);
const bytesOf = (metadata: { toJSON(): unknown }): Buffer =>
  Buffer.from(JSON.stringify(metadata.toJSON()));

/** @param target its only target's name */
export function tufRepository(target: string): TufRepository {
  const files = new Map<string, Buffer>();
  let pair = newPair();
  let rootVersion = 1;
  let place = '';

  const rootOf = (version: number): Metadata<Root> => {
    const root = new Root({
      specVersion,
      version,
      expires: later().toISOString(),
      consistentSnapshot: true,
    });
    for (const role of ['root', 'timestamp', 'snapshot', 'targets']) root.addKey(pair.key, role);
    return new Metadata(root);
  };
  const first = rootOf(1);
  first.sign((data) => pair.sign(data));

  return {
    firstRoot: bytesOf(first),
    answer: (path) => files.get(path),
    publish({ content, version, expires = later(), foreign = false }) {
      const by = foreign ? newPair() : pair;
      const at = expires.toISOString();
      const sha256 = createHash('sha256').update(content).digest('hex');
      const targets = new Targets({ specVersion, version, expires: later().toISOString() });
      targets.addTarget(
        new TargetFile({ path: target, length: Buffer.byteLength(content), hashes: { sha256 } }),
      );
      const signedTargets = new Metadata(targets);
      signedTargets.sign((data) => by.sign(data));
      const snapshot = new Metadata(
        new Snapshot({
          specVersion,
          version,
          expires: later().toISOString(),
          meta: { 'targets.json': new MetaFile({ version }) },
        }),
      );
      snapshot.sign((data) => by.sign(data));
      const timestamp = new Metadata(
        new Timestamp({
          specVersion,
          version,
          expires: at,
          snapshotMeta: new MetaFile({ version }),
        }),
      );
      timestamp.sign((data) => by.sign(data));
      place = `/targets/${sha256}.${target}`;
      files.set('/timestamp.json', bytesOf(timestamp));
      files.set(`/${version}.snapshot.json`, bytesOf(snapshot));
      files.set(`/${version}.targets.json`, bytesOf(signedTargets));
      files.set(place, Buffer.from(content));
    },
    rotate() {
      const old = pair;
      pair = newPair();
      rootVersion += 1;
      const root = rootOf(rootVersion);
      root.sign((data) => old.sign(data));
      root.sign((data) => pair.sign(data));
      files.set(`/${rootVersion}.root.json`, bytesOf(root));
    },
    spoil: (content) => void files.set(place, Buffer.from(content)),
  };
}
