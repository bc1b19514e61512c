import { X509Certificate } from 'node:crypto';
import { open, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../../ipc/app-error.ts';
import type { CertificateAuthority } from '../../ipc/contract/index.ts';

export interface Authority {
  /** The kept copy, for the connection. */
  readonly file: string;
  /** null = none is kept. Throws 'authority-invalid' when the copy is damaged. */
  facts(): Promise<CertificateAuthority | null>;
  /** Keeps a copy of the certificates of a PEM file, in place of the one before. Throws 'authority-invalid'. */
  add(path: string): Promise<void>;
  remove(): Promise<void>;
}

const mostBytes = 1024 * 1024;
const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A firm's own certificate authority. The copy holds its certificates and nothing else: no key, no text. */
export function createAuthority(folder: string): Authority {
  const file = join(folder, 'authority.pem');

  const read = async (path: string) => {
    const name = basename(path);
    const refuse = (reason: string): AppError =>
      new AppError('authority-invalid', `no certificates can be read: ${reason}`, {
        detail: { file: name, reason },
      });
    let text: string;
    try {
      if ((await stat(path)).size > mostBytes) throw refuse('large');
      text = await readFile(path, 'latin1');
    } catch (error) {
      throw error instanceof AppError ? error : refuse('unreadable');
    }
    try {
      const pem = [...text.matchAll(block)].map(([one]) => one);
      const certificates = pem.map((one) => new X509Certificate(one));
      const [first] = certificates;
      if (first !== undefined) return { pem, certificates, first };
    } catch {
      // Told below.
    }
    throw refuse('form');
  };

  return {
    file,
    async facts() {
      const found = await stat(file).catch(() => null);
      if (found === null) return null;
      const { certificates, first } = await read(file);
      return {
        subject: first.subject.split('\n').join(', '),
        // The one that ends first: from then on something of it no longer holds.
        expiresAt: Math.min(...certificates.map((one) => one.validToDate.getTime())),
        count: certificates.length,
        addedAt: found.mtimeMs,
      };
    },
    async add(path) {
      const { pem } = await read(path);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = `${file}.new`;
      const handle = await open(temporary, 'w', 0o600);
      try {
        await handle.writeFile(`${pem.join('\n')}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
    },
    remove: () => rm(file, { force: true }),
  };
}
