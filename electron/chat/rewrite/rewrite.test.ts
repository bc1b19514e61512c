import { describe, expect, it } from 'vitest';
import type { Said } from '../../documents/retrieve/index.ts';
import { createFakeLauncher } from '../../engine/fake.ts';
import type { FakeScript } from '../../engine/fake.ts';
import { accept, dependsOnBefore } from './accept.ts';
import { askModel, rewritePrompt } from './ask.ts';
import { dialogues } from './dialogues.ts';
import { byRule, figuresOf, shareIn, verdictOn } from './probe.ts';

const mill: Said = {
  questions: ['Who runs the Torvane mill?'],
  answers: ['The Torvane mill is run by Ines Falk.'],
};
const question = 'When did she take it over?';
const never = new AbortController().signal;
const clock = { now: () => performance.now() };

describe('whether a question depends on what was said', () => {
  it.each([
    [question, true],
    ['And in 2023?', true],
    ['Its rent?', true],
    ['Different question: who runs it?', false],
    ['다른 질문인데, 그곳은 누가 운영하나요?', false],
    ['Which architect drew the staircase of the Harrow depot?', false],
  ])('%s', (text, expected) => {
    expect(dependsOnBefore(text, mill)).toBe(expected);
  });

  it('is never so where nothing was said', () => {
    expect(dependsOnBefore('And in 2023?', { questions: [], answers: [] })).toBe(false);
  });
});

describe('what of a wording is searched for', () => {
  it.each([
    ['When did Ines Falk take over the Torvane mill?', 'as it is'],
    ['"When did Ines Falk take over the Torvane mill?"', 'quoted'],
    ['Rewritten question: When did Ines Falk take over the Torvane mill?', 'announced'],
    ['**When did Ines Falk take over the Torvane mill?**\n\nShe took it over in', 'with more'],
  ])('%s', (written) => {
    expect(accept(written, question, mill)).toEqual({
      text: 'When did Ines Falk take over the Torvane mill?',
    });
  });

  it.each([
    ['When did Ines Falk take over the Torvane mill in 1999?', 'invented'],
    ['When did Ines Falk of Boston take over the Torvane mill?', 'invented'],
    ['When did she take it over?', 'same'],
    ['', 'empty'],
    ['The documents do not contain the answer.', 'refusal'],
    ['The quick brown fox jumps over lazy dogs', 'foreign'],
    [`When ${'did she '.repeat(60)}`, 'long'],
  ])('nothing of: %s', (written, refused) => {
    expect(accept(written, question, mill)).toEqual({ refused });
  });

  it('nothing where the question’s own number is gone: that is the question before', () => {
    const said = {
      questions: ['What was the rent of the depot in 2021?'],
      answers: ['410 euros.'],
    };
    const lost = accept('What was the rent of the depot in 2021?', 'And in 2023?', said);
    expect(lost).toEqual({ refused: 'lost' });
  });

  it('only words that stand in the conversation', () => {
    const accepted = accept('When did Ines Falk cheerfully take over the mill?', question, mill);
    expect(accepted).toEqual({ text: 'When did Ines Falk take over the mill?' });
  });
});

describe('asking a model', () => {
  const ask = async (script: FakeScript, limitMs = 60_000, signal = never) => {
    const launcher = createFakeLauncher(script);
    const engine = await launcher.launch({
      ...{ modelPath: '/m.gguf', contextSize: 4096, sessions: 2, threads: 1 },
      ...{ gpu: false, checkpointBudget: 0 },
    });
    const wording = await askModel(
      { clock },
      { engine },
      { ...{ question, said: mill, limitMs, signal }, sessionId: 'rewrite:c', conversationId: 'c' },
    );
    return { wording, engine: launcher.engines[0]! };
  };

  it('takes a session that is thrown away, greedily, with somebody waiting', async () => {
    const { wording, engine } = await ask({ answer: 'When did Ines Falk take over the mill?' });
    expect(wording).toMatchObject({
      text: 'When did Ines Falk take over the mill?',
      refused: null,
    });
    expect(engine.generated).toMatchObject([
      {
        sessionId: 'rewrite:c',
        sampling: { temperature: 0 },
        maxTokens: 48,
        purpose: { kind: 'rewrite', conversationId: 'c' },
      },
    ]);
    expect(engine.generated[0]).not.toHaveProperty('priority');
    expect(engine.forgotten).toEqual(['rewrite:c']);
  });

  it('is over after its time, and the rule is left', async () => {
    const { wording } = await ask({ answer: 'word '.repeat(400), pieceMs: 10 }, 60);
    expect(wording).toMatchObject({ text: null, refused: 'slow' });
  });

  it('ends with the turn', async () => {
    const controller = new AbortController();
    const asking = ask({ answer: 'word '.repeat(400), pieceMs: 10 }, 60_000, controller.signal);
    setTimeout(() => controller.abort(), 30);
    await expect(asking).rejects.toThrow();
  });

  it('costs no answer where the engine fails', async () => {
    const { wording } = await ask({ answer: 'one two three', crashAfterPieces: 1 });
    expect(wording).toMatchObject({ text: null, refused: 'failed' });
  });

  it('shows the last questions and one answer, cut', () => {
    const said = {
      questions: ['first', 'second', 'third', 'fourth '.repeat(200)],
      answers: ['old', 'old', 'old', 'new '.repeat(400)],
    };
    const content = rewritePrompt('And then?', said).messages[0]!.content;
    expect(content).not.toMatch(/first|old/);
    expect(content).toMatch(/User: second\nUser: third\nUser: fourth/);
    expect(content.length).toBeLessThan(1200);
    expect(content.endsWith('Last question: And then?')).toBe(true);
  });
});

describe('the test with built-in dialogues', () => {
  it.each(dialogues.map((dialogue) => [dialogue.question, dialogue] as const))(
    'is fair: %s',
    (_, { said, question: asked, needed, wrong }) => {
      const all = [...said.questions, ...said.answers].join('\n');
      expect(dependsOnBefore(asked, said)).toBe(true);
      expect(shareIn(needed, all)).toBe(1);
      expect(shareIn(needed, asked)).toBe(0);
      if (wrong.length > 0) expect(shareIn(wrong, all)).toBe(1);
    },
  );

  it('holds three languages, and half of what is needed is not what the rule finds', () => {
    expect(new Set(dialogues.map(({ language }) => language)).size).toBe(3);
    const rule = dialogues.reduce((sum, each) => sum + byRule(each), 0) / dialogues.length;
    expect(rule).toBeGreaterThan(0.4);
    expect(rule).toBeLessThan(0.75);
  });

  const worded = (text: string | null, ms = 100) => ({ text, ms, refused: null });
  it('tells a good model from one that repeats, one that misleads and a slow one', () => {
    const good = figuresOf(dialogues.map(({ needed }) => worded(needed.join(' '))));
    expect(good).toMatchObject({ byModel: 1, wrong: 0, medianMs: 100 });
    expect(verdictOn(good, 4000)).toBe('good');
    const silent = figuresOf(dialogues.map(() => worded(null)));
    expect(verdictOn(silent, 4000)).toBe('no-better');
    const misled = figuresOf(
      dialogues.map(({ needed, wrong }) => worded([...needed, ...wrong].join(' '))),
    );
    expect(verdictOn(misled, 4000)).toBe('wrong-words');
    const slow = figuresOf(dialogues.map(({ needed }) => worded(needed.join(' '), 4000)));
    expect(verdictOn(slow, 4000)).toBe('slow');
  });
});
