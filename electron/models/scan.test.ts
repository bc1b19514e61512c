import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ggufBytes, graniteFixture, graniteShapes } from './gguf.fixture.ts';
import { scanForModels } from './scan.ts';

const tiny = ggufBytes(graniteFixture(graniteShapes['h-tiny']));
const digest = 'ab'.repeat(32);
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'quarry-scan-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function put(path: string, content: string | Buffer = tiny): string {
  const whole = join(home, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}
const scan = (path = '') => scanForModels([join(home, path)]);

describe('LM Studio’s folder', () => {
  it('names the repository by its two folders, whichever part was chosen', async () => {
    const path = put('.lmstudio/models/ibm-granite/granite-4.0-h-tiny-GGUF/tiny-Q4_K_M.gguf');
    put('.lmstudio/models/ibm-granite/granite-4.0-h-tiny-GGUF/mmproj-tiny.gguf');
    const found = {
      ...{ path, name: 'tiny-Q4_K_M.gguf', bytes: tiny.length, tool: 'lmstudio' },
      repository: 'ibm-granite/granite-4.0-h-tiny-GGUF',
    };
    for (const part of ['', '.lmstudio/models', '.lmstudio/models/ibm-granite']) {
      expect(await scan(part)).toEqual({ models: [found], isCut: false });
    }
  });
});

describe('Ollama’s folder', () => {
  const manifest = (hex: string, type = 'application/vnd.ollama.image.model') =>
    JSON.stringify({
      layers: [
        { mediaType: 'application/vnd.ollama.image.license', digest: `sha256:${'0'.repeat(64)}` },
        { mediaType: type, digest: `sha256:${hex}`, size: tiny.length },
      ],
    });
  const root = '.ollama/models';

  it('finds the blob of a manifest and its name, and the hub’s where it came from there', async () => {
    const path = put(`${root}/blobs/sha256-${digest}`);
    put(`${root}/manifests/registry.ollama.ai/library/granite4/tiny-h`, manifest(digest));
    const other = put(`${root}/blobs/sha256-${'cd'.repeat(32)}`);
    put(`${root}/manifests/hf.co/ibm-granite/x-GGUF/Q4_K_M`, manifest('cd'.repeat(32)));
    expect((await scan()).models).toEqual([
      {
        ...{ path: other, name: 'ibm-granite/x-GGUF:Q4_K_M', bytes: tiny.length, tool: 'ollama' },
        repository: 'ibm-granite/x-GGUF',
      },
      {
        ...{ path, name: 'granite4:tiny-h', bytes: tiny.length, tool: 'ollama' },
        repository: null,
      },
    ]);
  });

  it('passes over manifests that are broken, lead elsewhere, or name a blob that is gone', async () => {
    put(`${root}/blobs/sha256-${digest}`, 'no model');
    put('outside.bin');
    const where = `${root}/manifests/registry.ollama.ai/library`;
    put(`${where}/a/1`, manifest(digest));
    put(`${where}/b/1`, '{"layers": 7}');
    put(`${where}/c/1`, 'not json');
    put(`${where}/d/1`, manifest('../../../outside.bin'));
    put(`${where}/e/1`, manifest('ef'.repeat(32)));
    put(`${where}/f/1`, manifest(digest, 'application/vnd.ollama.image.projector'));
    put(`${where}/g/1`, ' '.repeat(2 ** 20 + 1));
    expect(await scan(root)).toEqual({ models: [], isCut: false });
  });
});

describe.skipIf(process.platform === 'win32')('the Hugging Face cache', () => {
  const cache = 'hub/models--ibm-granite--granite-4.0-h-tiny-GGUF';
  const link = (target: string, path: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    symlinkSync(target, join(home, path));
  };

  it('follows its links, names the repository, and lists a file of two revisions once', async () => {
    put(`${cache}/blobs/${digest}`);
    for (const revision of ['aaa', 'bbb']) {
      link(`../../blobs/${digest}`, `${cache}/snapshots/${revision}/tiny.gguf`);
    }
    expect((await scan()).models).toEqual([
      {
        ...{ path: join(home, cache, 'snapshots/aaa/tiny.gguf'), name: 'tiny.gguf' },
        ...{ bytes: tiny.length, tool: 'huggingface' },
        repository: 'ibm-granite/granite-4.0-h-tiny-GGUF',
      },
    ]);
  });

  it('follows no link out of the folder that was given, and no circle', async () => {
    put('elsewhere/secret.gguf');
    link('../../../../elsewhere/secret.gguf', `${cache}/snapshots/aaa/out.gguf`);
    link('loop.gguf', `${cache}/snapshots/aaa/loop.gguf`);
    link('../..', `${cache}/snapshots/aaa/up`);
    link('gone', `${cache}/snapshots/aaa/gone.gguf`);
    expect(await scan('hub')).toEqual({ models: [], isCut: false });
  });
});

describe('any folder', () => {
  it('lists what begins like GGUF, without parts of split files', async () => {
    const path = put('deep/er/a.GGUF');
    put('deep/fake.gguf', 'text');
    put('deep/empty.gguf', '');
    put('deep/big-00001-of-00002.gguf');
    put('deep/notes.txt');
    mkdirSync(join(home, 'folder.gguf'));
    const found = { path, name: 'a.GGUF', bytes: tiny.length, tool: 'folder', repository: null };
    expect(await scan()).toEqual({ models: [found], isCut: false });
    expect(await scanForModels([path, path])).toEqual({ models: [found], isCut: false });
  });

  it('says nothing of a path that is not there', async () => {
    expect(await scan('nowhere')).toEqual({ models: [], isCut: false });
  });

  it('stops at a thousand and says so', async () => {
    for (let at = 0; at < 1002; at += 1) put(`many/${at}.gguf`, 'GGUF');
    const found = await scan();
    expect(found.models).toHaveLength(1000);
    expect(found.isCut).toBe(true);
  });
});
