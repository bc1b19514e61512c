import { AppError } from '../../electron/ipc/app-error.ts';
import { ggufBytes } from '../../electron/models/gguf.fixture.ts';
import { parseGguf } from '../../electron/models/gguf.ts';
import { toModelHeader } from '../../electron/models/header.ts';
import { verifyBundle } from '../../electron/models/verify/index.ts';
import type { ExpectedSigner, TrustRoot } from '../../electron/models/verify/index.ts';
import { seededBelow } from './seeded.ts';

/** What a run of mutated inputs came to. `outcomes` counts refusal codes and acceptances. */
export interface FuzzResult {
  readonly inputs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Inputs that did something else than being refused or read; empty is right. */
  readonly wrong: readonly string[];
  readonly slowestMs: number;
  /** Growth of the process while it ran. */
  readonly grownBytes: number;
}

type Random = (below: number) => number;

async function run(
  inputs: number,
  one: (index: number) => Promise<{ readonly outcome: string; readonly wrong?: string }>,
): Promise<FuzzResult> {
  const outcomes: Record<string, number> = {};
  const wrong: string[] = [];
  const before = process.memoryUsage.rss();
  let slowestMs = 0;
  let peak = before;
  for (let index = 0; index < inputs; index++) {
    const start = performance.now();
    const result = await one(index).catch((error: unknown) => ({
      outcome: 'thrown',
      wrong: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }));
    slowestMs = Math.max(slowestMs, performance.now() - start);
    outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
    if (result.wrong !== undefined) wrong.push(`input ${index}: ${result.wrong}`);
    if (index % 256 === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }
  return { inputs, outcomes, wrong, slowestMs, grownBytes: peak - before };
}

/** Mutated bundle texts: each is refused, or says exactly what the sound one says. */
export async function fuzzBundles(
  inputs: number,
  seed: number,
  sound: { readonly text: string; readonly trustRoot: TrustRoot; readonly expect: ExpectedSigner },
): Promise<FuzzResult> {
  const random = seededBelow(seed);
  const { text, trustRoot, expect } = sound;
  const said = (bundleText: string) => verifyBundle({ bundleText, trustRoot, expect });
  const meaning = (result: ReturnType<typeof said>): string =>
    JSON.stringify({ ...result, steps: [] });
  const truth = said(text);
  if (!truth.ok) throw new Error('the sound bundle is refused');
  const wanted = meaning(truth);
  return run(inputs, async (index) => {
    const result = said(index % 3 === 0 ? mutateText(text, random) : mutateJson(text, random));
    if (!result.ok) return { outcome: result.code };
    return meaning(result) === wanted
      ? { outcome: 'accepted, same meaning' }
      : { outcome: 'accepted', wrong: 'accepted with another meaning' };
  });
}

const expectedOfGguf: readonly string[] = [
  'model-not-gguf',
  'model-truncated',
  'model-architecture-unknown',
  'model-load-failed',
];

/** Mutated GGUF headers: each is read or refused with one of the codes for bad model files. */
export async function fuzzGguf(inputs: number, seed: number): Promise<FuzzResult> {
  const random = seededBelow(seed);
  const sound = ggufBytes({
    metadata: {
      'general.architecture': 'granitehybrid',
      'general.name': 'fuzz',
      'granitehybrid.block_count': 4,
      'granitehybrid.embedding_length': 64,
      'granitehybrid.attention.head_count': 4,
      'granitehybrid.attention.head_count_kv': { i32s: [0, 2, 0, 2] },
      'granitehybrid.ssm.inner_size': 128,
      'granitehybrid.ssm.state_size': 32,
      'granitehybrid.ssm.conv_kernel': 4,
      'granitehybrid.context_length': { u64: 8192 },
      'tokenizer.ggml.tokens': { strings: ['a', 'b', 'c'] },
      'general.alignment': 32,
      flag: true,
    },
    tensors: [
      { name: 'token_embd.weight', shape: [64, 8], type: 0 },
      { name: 'blk.0.attn_q.weight', shape: [64, 64], type: 1 },
    ],
  });
  return run(inputs, async () => {
    const bytes = mutateBytes(sound, random);
    // Lengths that the bytes do not have: a source that claims more than it gives.
    const claimed = random(4) === 0 ? bytes.length + random(2 ** 31) : bytes.length;
    const readAt = (target: Uint8Array, length: number, position: number): Promise<number> => {
      const from = Math.min(position, bytes.length);
      return Promise.resolve(bytes.copy(target, 0, from, Math.min(from + length, bytes.length)));
    };
    try {
      toModelHeader(await parseGguf(readAt, claimed, 'fuzz.gguf'), 'fuzz.gguf');
      return { outcome: 'read' };
    } catch (error) {
      if (error instanceof AppError && expectedOfGguf.includes(error.code)) {
        return { outcome: error.code };
      }
      throw error;
    }
  });
}

const pick = <T>(from: readonly T[], random: Random): T => from[random(from.length)] as T;

/** One to four cuts, copies, flips and insertions of a text. */
function mutateText(text: string, random: Random): string {
  let result = text;
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(result.length + 1);
    const length = random(pick([2, 40, 4000], random));
    const other = random(result.length + 1);
    const part = pick(
      [
        '',
        String.fromCharCode(random(0x10000)),
        pick(['{', '[', '"', '\\', '}', 'null', '-1e999', '\u0000'], random),
        '['.repeat(random(5000)),
        result.slice(other, other + length),
      ],
      random,
    );
    result = result.slice(0, at) + part + result.slice(at + (random(2) === 0 ? length : 0));
  }
  return result;
}

type Holder = Record<string, unknown>;

/** Changes one to three values of the bundle or of its statement, keeping it JSON. */
function mutateJson(text: string, random: Random): string {
  const bundle = JSON.parse(text) as Holder;
  for (let times = 1 + random(3); times > 0; times--) {
    const envelope = bundle['dsseEnvelope'] as Holder | undefined;
    const payload = envelope?.['payload'];
    if (random(4) === 0 && typeof payload === 'string') {
      const inner = Buffer.from(payload, 'base64').toString();
      (envelope as Holder)['payload'] = Buffer.from(mutateText(inner, random)).toString('base64');
    } else mutateValue(bundle, random);
  }
  return JSON.stringify(bundle);
}

function mutateValue(root: Holder, random: Random): void {
  const places: { readonly holder: Holder; readonly key: string }[] = [];
  const collect = (holder: Holder): void => {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const value = holder[key];
      if (typeof value === 'object' && value !== null) collect(value as Holder);
    }
  };
  collect(root);
  if (places.length === 0) return;
  const { holder, key } = pick(places, random);
  const value = holder[key];
  const kind = random(5);
  if (kind === 0) Reflect.deleteProperty(holder, key);
  else if (kind === 1) {
    const odd = [
      null,
      -1,
      1e308,
      '',
      [],
      {},
      [[]],
      true,
      'A'.repeat(1 + random(9999)),
      '9'.repeat(40),
    ];
    holder[key] = pick<unknown>(odd, random);
  } else if (kind === 2 && Array.isArray(value)) holder[key] = [...value, ...value] as unknown[];
  else if (kind === 3) {
    const { holder: from, key: name } = pick(places, random);
    holder[key] = structuredClone(from[name]);
  } else if (typeof value === 'string' && value.length > 0) {
    holder[key] = mutateBytes(Buffer.from(value, 'base64'), random).toString('base64');
  }
}

/** One to four flips, cuts, extreme numbers and repeated parts. */
function mutateBytes(sound: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(sound);
  for (let times = 1 + random(4); times > 0; times--) {
    if (bytes.length === 0) return bytes;
    const at = random(bytes.length);
    const kind = random(5);
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    else if (kind === 1) bytes = bytes.subarray(0, at);
    else if (kind === 2)
      bytes.fill(
        pick([0, 0x7f, 0xff], random),
        at,
        Math.min(at + pick([1, 4, 8], random), bytes.length),
      );
    else if (kind === 3) {
      const part = bytes.subarray(at, at + random(64));
      bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    } else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(16))]);
  }
  return bytes;
}
