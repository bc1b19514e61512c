import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** llama.cpp's own programs, made of the very source that the binding was made of. */
export interface Peer {
  readonly release: string;
  readonly server: string;
  readonly bench: string;
}

const llama = fileURLToPath(
  new URL('../../../node_modules/node-llama-cpp/llama/', import.meta.url),
);

/**
 * What is best for the peer on the machine that it runs on: instructions of this very processor, one
 * binary, OpenMP as llama.cpp builds by default (with one thread it makes no difference; the binding's
 * own binaries have one library for each kind of processor and no OpenMP).
 */
const options: readonly string[] = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DGGML_NATIVE=ON',
  '-DGGML_OPENMP=ON',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_OPENSSL=OFF',
];

/**
 * Builds llama-server and llama-bench from the bundle in the binding's package with the binding's
 * patches, or finds them built already: once for each release, in `~/.cache/quarry/peer`
 * (`QUARRY_PEER` names another folder). Needs git, cmake and a C++ compiler, no network; took 12
 * minutes on two shared cores. Throws where a step fails, with its last lines.
 */
export async function ensurePeer(): Promise<Peer> {
  const { release } = JSON.parse(
    readFileSync(path.join(llama, 'binariesGithubRelease.json'), 'utf8'),
  ) as { release: string };
  const folder = path.join(
    process.env['QUARRY_PEER'] ?? path.join(homedir(), '.cache/quarry/peer'),
    release,
  );
  const source = path.join(folder, 'source');
  const build = path.join(folder, 'build');
  const peer: Peer = {
    release,
    server: path.join(build, 'bin/llama-server'),
    bench: path.join(build, 'bin/llama-bench'),
  };
  const mark = path.join(folder, 'built.txt');
  const patches = readdirSync(path.join(llama, 'patches')).map((name) =>
    path.join(llama, 'patches', name),
  );
  const inputs = createHash('sha256').update(options.join(' '));
  for (const file of [path.join(llama, 'gitRelease.bundle'), ...patches]) {
    inputs.update(readFileSync(file));
  }
  const wanted = inputs.digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return peer;

  console.log(
    `building llama-server and llama-bench ${release} in ${folder}: some ten minutes, once`,
  );
  rmSync(source, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await step('git', ['clone', '--quiet', path.join(llama, 'gitRelease.bundle'), source]);
  for (const patch of patches) await step('git', ['-C', source, 'apply', patch]);
  await step('cmake', ['-S', source, '-B', build, ...options]);
  const targets = ['--target', 'llama-server', '--target', 'llama-bench'];
  await step('cmake', ['--build', build, '--parallel', '2', ...targets]);
  writeFileSync(mark, wanted);
  return peer;
}

/** Runs one command behind everything else that the machine does. */
async function step(command: string, args: readonly string[]): Promise<void> {
  const child = spawn('nice', ['-n', '10', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-2000);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ended with ${code ?? 'a signal'}:\n${tail}`);
}
