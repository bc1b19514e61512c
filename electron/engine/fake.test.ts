import { describe, expect, it } from 'vitest';
import { createFakeLauncher } from './fake.ts';
import type { EngineEvent, GenerateRequest, LoadRequest } from './port.ts';

const load: LoadRequest = {
  modelPath: '/nowhere.gguf',
  contextSize: 512,
  sessions: 1,
  threads: 1,
  gpu: false,
  checkpointBudget: 0,
};

function ask(text: string, maxTokens = 100): GenerateRequest {
  return {
    sessionId: 's',
    prompt: { messages: [{ role: 'user', content: text }] },
    sampling: { temperature: 0, topP: 1, topK: 0 },
    maxTokens,
  };
}

async function collect(events: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const list: EngineEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

function textOf(events: readonly EngineEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

describe('createFakeLauncher', () => {
  it('streams the scripted answer and ends once', async () => {
    const engine = await createFakeLauncher({ answer: 'one two three' }).launch(load);
    const events = await collect(engine.generate(ask('hello'), new AbortController().signal));
    expect(textOf(events)).toBe('one two three');
    expect(events.filter((event) => event.type === 'end')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      reason: 'stop',
      stats: { answerTokens: 3 },
    });
  });

  it('keeps what was written when the signal aborts', async () => {
    const engine = await createFakeLauncher({ answer: 'a b c d', pieceMs: 5 }).launch(load);
    const abort = new AbortController();
    const events: EngineEvent[] = [];
    for await (const event of engine.generate(ask('hello'), abort.signal)) {
      events.push(event);
      if (event.type === 'text') abort.abort();
    }
    expect(textOf(events)).toBe('a ');
    expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'aborted' });
  });

  it('keeps the shared beginning of a conversation', async () => {
    const engine = await createFakeLauncher({ answer: 'fine' }).launch(load);
    await collect(engine.generate(ask('how are you'), new AbortController().signal));
    const second = await collect(
      engine.generate(ask('how are they'), new AbortController().signal),
    );
    expect(second.at(-1)).toMatchObject({ stats: { keptTokens: 3, readTokens: 2 } });
  });

  it('crashes in mid-answer when told to, and tells its listeners once', async () => {
    const launcher = createFakeLauncher({ answer: 'a b c', crashAfterPieces: 1 });
    const engine = await launcher.launch(load);
    const exits: unknown[] = [];
    engine.onExit((exit) => exits.push(exit));
    const run = collect(engine.generate(ask('x'), new AbortController().signal));
    await expect(run).rejects.toMatchObject({ code: 'engine-crashed' });
    await engine.close();
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL', expected: false }]);
  });

  it('fails a load with the given code and can be cancelled', async () => {
    const failing = createFakeLauncher({ loadError: { code: 'model-too-large' } });
    await expect(failing.launch(load)).rejects.toMatchObject({ code: 'model-too-large' });
    const aborted = createFakeLauncher().launch(load, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
  });
});
