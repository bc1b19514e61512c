import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type { Download, DownloadRequest } from '../../electron/models/download/index.ts';
import { setUp } from './downloads-setup.ts';
import type { Setup } from './downloads-setup.ts';
import { content, hostileServer, sha256 } from './hostile-server.ts';
import type { Asked, Behaviour, HostileServer } from './hostile-server.ts';

export const bytes = 1_200_000;
const good = content(5, bytes);
export const hash = sha256(good);

/** Undone after each test, last first. */
export const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server with one file under every address. */
export async function serve(
  behave?: (asked: Asked) => Behaviour,
  file: Buffer = good,
): Promise<HostileServer> {
  const server = await hostileServer({ file: () => file, ...(behave && { behave }) });
  closers.push(() => server.close());
  return server;
}

export function setup(options?: Parameters<typeof setUp>[0]): Setup {
  const made = setUp(options);
  closers.push(() => made.dispose());
  return made;
}

export const request = (
  server: HostileServer,
  more: Partial<DownloadRequest> = {},
): DownloadRequest => ({
  url: `${server.origin}/file`,
  fileName: 'model.gguf',
  sha256: hash,
  bytes,
  subject: 'test',
  ...more,
});

export const slow = (): Behaviour => ({ rate: 800_000 });

export const view = (made: Setup, id: string): Download =>
  made.downloads.list().find((each) => each.id === id)!;

/** Waits until a part of the file is written. */
export const some = (made: Setup, id: string, part = 0.3): Promise<void> =>
  expect
    .poll(() => view(made, id).done, { interval: 5, timeout: 10_000 })
    .toBeGreaterThan(bytes * part);

/** The file is there and right, and nothing else is. */
export function right(made: Setup): void {
  expect(made.files()).toEqual(['model.gguf']);
  expect(sha256(readFileSync(join(made.models, 'model.gguf')))).toBe(hash);
}
