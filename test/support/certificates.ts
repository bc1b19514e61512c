import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestAuthority {
  readonly caFile: string;
  /** For a server on 127.0.0.1. */
  readonly tls: { readonly key: string; readonly cert: string };
}

/** A certificate authority of nobody's, and a certificate for 127.0.0.1 by it (openssl). */
export function makeAuthority(folder: string): TestAuthority {
  const file = (name: string): string => join(folder, name);
  const run = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  run(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Test CA'],
    ...['-keyout', file('ca.key'), '-out', file('ca.pem')],
  );
  run(
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1'],
    ...['-keyout', file('key.pem'), '-out', file('csr.pem')],
  );
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  run(
    ...['x509', '-req', '-in', file('csr.pem'), '-CA', file('ca.pem'), '-CAkey', file('ca.key')],
    ...['-CAcreateserial', '-days', '2', '-out', file('cert.pem'), '-extfile', file('names')],
  );
  return {
    caFile: file('ca.pem'),
    tls: {
      key: readFileSync(file('key.pem'), 'utf8'),
      cert: readFileSync(file('cert.pem'), 'utf8'),
    },
  };
}
