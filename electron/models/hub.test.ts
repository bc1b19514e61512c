import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HubError, createHub, readEndpoint } from './hub.ts';
import type { Http } from './hub.ts';
import { readPlace } from './hub-place.ts';

const commit = 'c40945d71cd90f249a56985e8155551a9188dc30';
const sha = 'e0406663965846ae22a403456eb826ccce5f450840491f71952f18a7cb78e7d5';
const repository = 'ibm-granite/granite-4.2-3b-GGUF';

/** Node's own fetch behind the port, without following redirects. */
const http: Http = {
  async request(method, url, headers) {
    const answer = await fetch(url, { method, headers, redirect: 'manual' });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text: async () => answer.text(),
    };
  },
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse, endpoint: string) => void;

async function serve(answer: Answer, token: string | null = null, path = '') {
  const seen: IncomingMessage[] = [];
  let endpoint = '';
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response, endpoint);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => server.close().closeAllConnections());
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return { hub: createHub({ http, endpoint, token }), seen, endpoint };
}
const json = (response: ServerResponse, value: unknown, headers = {}) =>
  response
    .writeHead(200, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(value));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof HubError ? error.code : String(error)),
  );
const lfs = (path: string, size: number) => ({
  ...{ type: 'file', path, size, oid: 'a'.repeat(40) },
  lfs: { oid: sha, size, pointerSize: 135 },
});

describe('the list of files', () => {
  it('follows the pages of the Link header and keeps the sha256 of large files', async () => {
    const { hub, seen } = await serve((request, response, endpoint) => {
      if (request.url?.includes('cursor=2')) {
        return json(response, [
          { type: 'file', path: 'README.md', size: 7, oid: 'b'.repeat(40) },
          { type: 'directory', path: 'sub', size: 0, oid: 'c'.repeat(40) },
        ]);
      }
      const next = `${endpoint}/api/models/${repository}/tree/${commit}?cursor=2`;
      return json(response, [lfs('m.gguf', 99)], { link: `<${next}>; rel="next"` });
    });
    expect(await hub.tree(repository, commit)).toEqual([
      { path: 'm.gguf', bytes: 99, sha256: sha, gitSha1: 'a'.repeat(40) },
      { path: 'README.md', bytes: 7, sha256: null, gitSha1: 'b'.repeat(40) },
    ]);
    expect(seen[0]?.url).toBe(
      `/api/models/${repository}/tree/${commit}?recursive=true&expand=false`,
    );
  });

  it('leaves out names that lead out of the folder', async () => {
    const names = ['../x.gguf', '/etc/x', 'a//b', 'a\\b', 'c:x', 'good/m.gguf'];
    const { hub } = await serve((_, response) =>
      json(
        response,
        names.map((name) => lfs(name, 1)),
      ),
    );
    expect((await hub.tree(repository, commit)).map(({ path }) => path)).toEqual(['good/m.gguf']);
  });

  it('does not follow pages to another host, nor for ever', async () => {
    const away = await serve((_, response) =>
      json(response, [], { link: '<http://127.0.0.2:9/next>; rel="next"' }),
    );
    expect(await codeOf(away.hub.tree(repository, commit))).toBe('hub-answer');
    const round = await serve((request, response) =>
      json(response, [], { link: `<${request.url}>; rel="next"` }),
    );
    expect(await codeOf(round.hub.tree(repository, commit))).toBe('hub-answer');
    expect(round.seen).toHaveLength(100);
  });

  it('works below the path of a mirror', async () => {
    const { hub, seen } = await serve((_, response) => json(response, []), null, '/mirror/hf');
    await hub.tree(repository, commit);
    expect(seen[0]?.url).toMatch(/^\/mirror\/hf\/api\/models\//);
    expect(hub.address(repository, commit, 'a b/m.gguf')).toMatch(
      new RegExp(`/mirror/hf/${repository}/resolve/${commit}/a%20b/m\\.gguf$`),
    );
  });
});

describe('revisions', () => {
  it('tells the commit of a branch, and that a repository is gated', async () => {
    const { hub } = await serve((_, response) => json(response, { sha: commit, gated: 'manual' }));
    expect(await hub.revision(repository, 'main')).toEqual({ commit, isGated: true });
  });

  it('refuses another commit than the pinned one', async () => {
    const { hub } = await serve((_, response) => json(response, { sha: 'f'.repeat(40) }));
    expect(await codeOf(hub.revision(repository, commit))).toBe('hub-answer');
  });
});

describe('facts of a file', () => {
  it('reads the linked headers, follows only relative redirects, keeps the token at home', async () => {
    const { hub, seen } = await serve((request, response) => {
      if (request.url?.startsWith('/ibm-granite/')) {
        return response.writeHead(307, { location: '/moved/m.gguf' }).end();
      }
      return response
        .writeHead(302, {
          location: 'http://127.0.0.2:9/signed?secret=1',
          'x-repo-commit': commit,
          'x-linked-etag': `W/"${sha}"`,
          'x-linked-size': '2240000000',
          etag: '"other"',
        })
        .end();
    }, 'hf_secret');
    expect(await hub.head(repository, commit, 'm.gguf')).toEqual({
      ...{ commit, sha256: sha, etag: sha, bytes: 2_240_000_000 },
      location: 'http://127.0.0.2:9/signed?secret=1',
    });
    expect(seen.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer hf_secret',
      'Bearer hf_secret',
    ]);
    expect(seen[0]?.headers['accept-encoding']).toBe('identity');
    expect(hub.headersFor('http://127.0.0.2:9/signed')).toEqual({});
    expect(hub.headersFor('http://127.0.0.1:1/other-port')).toEqual({});
  });

  it('takes ETag and length of a small file', async () => {
    const { hub } = await serve((_, response) =>
      response.writeHead(200, { etag: `"${'d'.repeat(40)}"`, 'content-length': '12' }).end(),
    );
    const facts = await hub.head(repository, 'main', 'README.md');
    expect(facts).toMatchObject({ bytes: 12, sha256: null, etag: 'd'.repeat(40), commit: null });
  });

  it('gives up on a circle', async () => {
    const { hub } = await serve((_, response) =>
      response.writeHead(307, { location: '/again' }).end(),
    );
    expect(await codeOf(hub.head(repository, commit, 'm.gguf'))).toBe('hub-answer');
  });
});

describe('refusals', () => {
  it.each([
    [401, 'hub-denied'],
    [403, 'hub-denied'],
    [404, 'hub-not-found'],
    [429, 'hub-busy'],
    [503, 'hub-busy'],
    [418, 'hub-answer'],
  ])('words %i as %s, with the time to wait', async (status, code) => {
    const { hub } = await serve((_, response) =>
      response.writeHead(status, { 'retry-after': '7' }).end(),
    );
    const error = await hub.tree(repository, commit).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, status, retryAfter: code === 'hub-busy' ? 7 : null });
  });

  it('words an answer of another form, and none at all', async () => {
    const odd = await serve((_, response) => json(response, [{ path: 7 }]));
    expect(await codeOf(odd.hub.tree(repository, commit))).toBe('hub-answer');
    const html = await serve((_, response) => response.writeHead(200).end('<html>'));
    expect(await codeOf(html.hub.revision(repository, commit))).toBe('hub-answer');
    const gone = createHub({ http, endpoint: 'http://127.0.0.1:1', token: 'hf_secret' });
    const error = await gone.tree(repository, commit).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'hub-unreachable' });
    expect(String(error)).not.toContain('hf_secret');
  });

  it('asks nothing for a name that is none', async () => {
    const { hub, seen } = await serve((_, response) => json(response, []));
    for (const name of ['no-owner', 'a/b/c', '../b', 'a/b?x', '']) {
      expect(await codeOf(hub.tree(name, 'main'))).toBe('hub-name');
    }
    expect(await codeOf(hub.head(repository, 'main', '../m.gguf'))).toBe('hub-name');
    expect(seen).toHaveLength(0);
  });
});

describe('the endpoint', () => {
  it.each([
    ['https://mirror.example/', 'https://mirror.example'],
    ['https://mirror.example/hf/', 'https://mirror.example/hf'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:80/x', 'http://[::1]/x'],
  ])('takes %s', (text, read) => expect(readEndpoint(text)).toBe(read));
  it.each([
    'http://mirror.example',
    'http://127.evil.example',
    'ftp://a.example',
    'https://user:pass@a.example',
    'mirror.example',
    '',
  ])('refuses %s', (text) => expect(() => readEndpoint(text)).toThrow(/https/));
});

describe('what people paste', () => {
  const hosts = ['hub.example', 'mirror.example'];
  const name = 'ibm-granite/granite-4.0-h-tiny-GGUF';
  const whole = { repository: name, revision: null, file: null };
  it.each([
    [name, whole],
    [` ${name} `, whole],
    [`hf:${name}`, whole],
    [`hf://${name}`, whole],
    [`${name}@${commit}`, { ...whole, revision: commit }],
    [`hf:${name}/m.gguf`, { ...whole, file: 'm.gguf' }],
    [`https://hub.example/${name}`, whole],
    [`https://hub.example/${name}/tree/main`, { ...whole, revision: 'main' }],
    [
      `https://hub.example/${name}/blob/main/m-Q4_K_M.gguf`,
      { ...whole, revision: 'main', file: 'm-Q4_K_M.gguf' },
    ],
    [
      `https://mirror.example/${name}/resolve/${commit}/sub/m.gguf?download=true#x`,
      { ...whole, revision: commit, file: 'sub/m.gguf' },
    ],
    [
      `https://hub.example/${name}/resolve/refs%2Fpr%2F1/m.gguf`,
      { ...whole, revision: 'refs/pr/1', file: 'm.gguf' },
    ],
  ])('understands %s', (text, place) => expect(readPlace(text, hosts)).toEqual(place));
  it.each([
    '',
    'granite',
    'a/b/../../c',
    'a/b/%2e%2e',
    `https://evil.example/${name}`,
    `https://hub.example.evil.example/${name}`,
    `https://hub.example/${name}/commits/main`,
    `https://hub.example/${name}/resolve/main/..%2f..%2fx.gguf`,
    `https://hub.example/${name}/resolve/main/a%5Cb`,
    `${name}@../../x`,
    `ftp://hub.example/${name}`,
    'https://hub.example/%E0%A4%A',
    'a/b '.repeat(1000),
  ])('refuses %s', (text) => {
    const read = () => readPlace(text, hosts);
    if (text === 'a/b/%2e%2e') expect(read().file).toBe('%2e%2e');
    else expect(read).toThrow(HubError);
  });
});
