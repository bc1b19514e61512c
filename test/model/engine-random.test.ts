import { afterEach, expect, it } from 'vitest';
import type { ChatPrompt, Engine, PromptMessage, Sampling } from '../../electron/engine/port.ts';
import { answer, ask, launcher, load, readExamples } from './engine-support.ts';
import { seededChoices } from '../support/seeded.ts';

const documents = readExamples().find(({ prompt }) => prompt.documents)?.prompt.documents ?? [];
const questions = [
  'Who is it?',
  'And where?',
  'Why not?',
  'Tell me more.',
  'Is that so?',
  '¿Y 뭐?',
];
const operations = 40;

let engine: Engine | undefined;
afterEach(() => engine?.close());

/** A conversation that is asked on, asked again, edited, branched from anywhere and stopped. */
interface Tree {
  readonly base: Pick<ChatPrompt, 'documents'> & { readonly system: readonly PromptMessage[] };
  /** Every path that ends with an answer, the empty one first. */
  readonly paths: PromptMessage[][];
  asked: PromptMessage[];
}

it.each([
  { seed: 1, budgetInStates: 64 },
  { seed: 2, budgetInStates: 3 },
])(
  'answers after any history as a session that reads the prompt for the first time (%o)',
  { timeout: 240_000 },
  async ({ seed, budgetInStates }) => {
    const probe = await launcher.launch(load());
    const state = (await probe.memory()).recurrent;
    await probe.close();
    const budget = budgetInStates * state;
    const run = await launcher.launch(load({ sessions: 3, checkpointBudget: budget }));
    engine = run;
    const pick = seededChoices(seed);
    const trees: Record<string, Tree> = {
      plain: { base: { system: [] }, paths: [[]], asked: [] },
      cited: {
        base: { system: [{ role: 'system', content: 'Be brief.' }], documents },
        paths: [[]],
        asked: [],
      },
    };
    let kept = 0;
    for (let step = 0; step < operations; step += 1) {
      const [id, tree] = Object.entries(trees)[pick(2)] as [string, Tree];
      const question: PromptMessage = {
        role: 'user',
        content: questions[pick(questions.length)] ?? '',
      };
      const from = (): PromptMessage[] => tree.paths[pick(tree.paths.length)] ?? [];
      const kind = pick(4);
      // On from the last answer, the same again, the last question edited, or on from anywhere.
      if (kind === 0) tree.asked = [...(tree.paths.at(-1) ?? []), question];
      else if (kind === 1 && tree.asked.length > 0) tree.asked = [...tree.asked];
      else if (kind === 2 && tree.asked.length > 0)
        tree.asked = [...tree.asked.slice(0, -1), question];
      else tree.asked = [...from(), question];
      // Long branches are left, so that the prompt always fits.
      if (tree.asked.length > 9) tree.asked = [question];

      const prompt: ChatPrompt = {
        messages: [...tree.base.system, ...tree.asked],
        ...(tree.base.documents ? { documents: tree.base.documents } : {}),
      };
      const keep = (text: string): void => {
        if (text !== '') tree.paths.push([...tree.asked, { role: 'assistant', content: text }]);
      };
      if (pick(5) === 0) {
        // Stopped at some moment; what was written stays in the conversation.
        const stopping = new AbortController();
        let left = pick(6);
        const { text } = await answer(run, ask(id, prompt), stopping.signal, () => {
          if ((left -= 1) < 0) stopping.abort();
        });
        keep(text);
        continue;
      }
      // Sampled, so that a wrong state shows; among few tokens, because far down the list they stand
      // so close that other batch splits of the same prompt change their order. Such an answer is not built on: its tokens
      // are hardly ever those that its text is made of when it is read again, by a fresh session.
      const sampled: Sampling = { temperature: 1.5, topP: 1, topK: 8, seed: 100 + step };
      const goesOn = pick(2) === 0;
      const options = goesOn ? {} : { sampling: sampled, maxTokens: 1 + pick(24) };
      const used = await answer(run, ask(id, prompt, options));
      await run.forget('fresh');
      const fresh = await answer(run, ask('fresh', prompt, options));
      const seen = ({ text, stats }: typeof used): object => ({
        step,
        kind,
        text,
        promptTokens: stats.promptTokens,
      });
      expect(fresh.stats.keptTokens).toBe(0);
      expect(seen(used)).toEqual(seen(fresh));
      expect((await run.memory()).checkpoints).toBeLessThanOrEqual(budget);
      kept += used.stats.keptTokens;
      if (goesOn) keep(used.text);
    }
    expect(kept).toBeGreaterThan(0);
  },
);
