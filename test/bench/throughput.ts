import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureShape } from '../shapes/write.ts';
import { ensurePeer } from './peer/build.ts';
import { settle } from './peer/processes.ts';
import { startQuarry } from './peer/quarry.ts';
import { startServer } from './peer/server.ts';
import { createTexts } from './peer/texts.ts';
import type { Rates } from './throughput-rates.ts';
import { llamaBench, quarryRates, serverRates } from './throughput-rates.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const goal = 0.97;
const whats = ['prefill', 'decode'] as const;

interface Row {
  readonly shape: string;
  readonly sessions: number;
  readonly threads: number;
  readonly what: (typeof whats)[number];
  /** Tokens a second of all sessions together, one figure a round. */
  readonly quarry: readonly number[];
  readonly server: readonly number[];
  /** llama-bench knows one session only. */
  readonly bench: readonly number[];
  /** Quarry's median to the better peer's. */
  readonly ratio: number;
  /** llama-server's processor time for a token to Quarry's: the ratio without what else the machine does. */
  readonly cpuRatio: number;
}

/**
 * `npm run bench throughput`: tokens a second, prompt (512 tokens) and answer (64), of Quarry's ENGINE over its
 * own channel, of llama-server over HTTP and of llama-bench, all made of the same source, on the same
 * file and threads, in turn. Several sessions run at once; their tokens are summed. The peers are compiled for
 * this very processor; `--module=FOLDER` lets Quarry calculate with the recipe's build (native/recipes), which is too.
 */
export async function run(): Promise<boolean> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      shape: { type: 'string', default: 'h-1b' },
      sessions: { type: 'string', default: '1,4,8' },
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      prompt: { type: 'string', default: '512' },
      answer: { type: 'string', default: '64' },
      module: { type: 'string' },
      out: { type: 'string', default: path.join(root, '.cache/bench/throughput.json') },
    },
  });
  const { path: model } = await ensureShape({ id: values.shape, quantization: 'Q4_K_M' });
  const peer = await ensurePeer();
  const rows: Row[] = [];
  for (const sessions of values.sessions.split(',').map(Number)) {
    const plan = {
      ...{ model, sessions, threads: Number(values.threads), rounds: Number(values.rounds) },
      ...{ prompt: Number(values.prompt), answer: Number(values.answer) },
      ...(values.module !== undefined && { module: path.resolve(values.module) }),
    };
    const rates = await measure(plan, peer);
    for (const what of whats) {
      const [quarry, server, bench] = (['quarry', 'server', 'bench'] as const).map((side) =>
        rates[side].map((round) => round[what]),
      ) as [number[], number[], number[]];
      const best = Math.max(middle(server), ...(bench.length > 0 ? [middle(bench)] : []));
      const row: Row = {
        ...{ shape: values.shape, sessions, threads: plan.threads, what, quarry, server, bench },
        ratio: middle(quarry) / best,
        cpuRatio: cpuOf(rates.server, what) / cpuOf(rates.quarry, what),
      };
      rows.push(row);
      mkdirSync(path.dirname(values.out), { recursive: true });
      writeFileSync(values.out, JSON.stringify(rows, null, 1));
    }
  }
  console.log(table(rows));
  return rows.every(({ ratio }) => ratio >= goal);
}

interface Plan {
  readonly model: string;
  readonly sessions: number;
  readonly threads: number;
  readonly rounds: number;
  readonly prompt: number;
  readonly answer: number;
  readonly module?: string;
}

async function measure(
  plan: Plan,
  peer: Awaited<ReturnType<typeof ensurePeer>>,
): Promise<Record<'quarry' | 'server' | 'bench', Rates[]>> {
  const { model, sessions, threads, rounds, prompt, answer, module } = plan;
  const contextSize = Math.ceil((prompt + answer + 256) / 512) * 512;
  const found: Record<'quarry' | 'server' | 'bench', Rates[]> = {
    quarry: [],
    server: [],
    bench: [],
  };
  const texts = createTexts(sessions);
  for (let round = 0; round < rounds; round += 1) {
    // Both begin anew each time: else what is slow in one process by chance would count in every round.
    const quarry = await startQuarry({
      ...{ model, contextSize, sessions, threads },
      ...(module !== undefined && { module }),
    });
    const server = await startServer({
      ...{ binary: peer.server, model, contextSize, threads, slots: sessions },
      extra: ['--no-kv-unified', '--cache-ram', '0'],
    });
    try {
      if (round === 0) {
        await texts.calibrate((text) =>
          quarry.engine.countTokens({ messages: [{ role: 'user', content: text }] }),
        );
      }
      const asked = Array.from({ length: sessions }, () => texts.text(prompt));
      const sides = {
        quarry: () => quarryRates(quarry, asked, answer, round),
        server: () => serverRates(server, quarry, asked, answer),
        bench: () => llamaBench(peer.bench, { model, threads, prompt, answer }),
      };
      const names =
        sessions === 1 ? (['quarry', 'server', 'bench'] as const) : (['quarry', 'server'] as const);
      // Who begins changes, so that what else the machine does falls on all alike.
      for (let at = 0; at < names.length; at += 1) {
        const name = names[(at + round) % names.length] as (typeof names)[number];
        await settle([quarry.engine.info.pid, server.pid]);
        const rates = await sides[name]();
        found[name].push(rates);
        console.log(
          `${sessions} sessions, round ${round + 1}, ${name.padEnd(6)} prefill ${rates.prefill.toFixed(1)}, decode ${rates.decode.toFixed(1)} tokens/s`,
        );
      }
    } finally {
      await server.end('SIGINT');
      await quarry.engine.close();
    }
  }
  return found;
}

function cpuOf(rounds: readonly Rates[], what: Row['what']): number {
  return Math.min(...rounds.map(({ cpu }) => cpu?.[what] ?? Number.NaN));
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function table(rows: readonly Row[]): string {
  const lines = [
    '| Model | Sessions | What | Quarry | llama-server | llama-bench | ratio to the best | by processor time, to llama-server |',
    '|---|---:|---|---:|---:|---:|---:|---:|',
    ...rows.map(({ shape, sessions, what, quarry, server, bench, ratio, cpuRatio }) => {
      const figures = [quarry, server].map((side) => middle(side).toFixed(1));
      const own = bench.length > 0 ? middle(bench).toFixed(1) : '-';
      return `| ${[shape, sessions, what, ...figures, own, ratio.toFixed(3), cpuRatio.toFixed(3)].join(' | ')} |`;
    }),
  ];
  return lines.join('\n');
}
