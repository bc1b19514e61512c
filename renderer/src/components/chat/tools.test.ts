import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type {
  AnswerStep,
  Conversation,
  Message,
  Settings,
  ToolUse,
  TurnEvent,
} from '../../../../electron/ipc/contract/index.ts';
import { appWith, settings, withoutLayout } from '../../samples.fake.ts';
import { applyTurnEvent, emptyTurn } from '../../state/chat/turn-reader.ts';
import ChatView from '../../views/chat/ChatView.svelte';
import AnswerSteps from './AnswerSteps.svelte';
import ToolsPicker from './ToolsPicker.svelte';
import { useWords } from './tool-words.ts';

beforeAll(() => {
  configure({ asyncUtilTimeout: 30_000 });
  withoutLayout();
});
afterEach(cleanup);

const use = (over: Partial<ToolUse> = {}): ToolUse => ({
  ...{ kind: 'tool', id: 'u', name: 'calculator', arguments: { expression: '12*7' } },
  ...{ state: 'done', result: '84' },
  ...over,
});

describe('the words of a call', () => {
  it.each([
    [use(), 'Used Calculator: 84'],
    [use({ state: 'asking', result: null }), 'Asks to use Calculator: 12*7'],
    [use({ state: 'refused', result: 'no' }), 'Not allowed: Calculator'],
    [use({ state: 'ended', result: null }), 'Not run: Calculator'],
    [
      use({ state: 'failed', result: 'Error: division by zero.' }),
      'Calculator did not work: division by zero.',
    ],
    [
      use({ name: 'search_documents', arguments: { query: 'belt' }, result: '[1] …' }),
      'Used Search documents: belt',
    ],
    [
      use({ name: '', arguments: { text: '{' }, state: 'failed', result: 'Error: x' }),
      'A tool call that could not be read',
    ],
    [use({ name: 'rm', state: 'failed', result: 'Error: There is no tool "rm".' }), 'rm did not'],
  ])('%#', (one, words) => {
    expect(useWords(one)).toContain(words);
  });
});

describe('the steps of a running turn', () => {
  const after = (...events: TurnEvent[]) => events.reduce(applyTurnEvent, emptyTurn);

  it('gather reasoning, follow a call by its id, and are no text', () => {
    const { steps, text, phase } = after(
      { type: 'thinking', text: 'Hm, ' },
      { type: 'thinking', text: 'yes.' },
      { type: 'thought', ms: 1200 },
      { type: 'tool', use: use({ state: 'running', result: null }) },
      { type: 'tool', use: use({ state: 'asking', result: null }) },
    );
    expect(steps).toEqual([
      { kind: 'thinking', text: 'Hm, yes.', ms: 1200 },
      use({ state: 'asking', result: null }),
    ]);
    expect(text).toBe('');
    expect(phase).toEqual({ kind: 'asking', tool: 'calculator' });
  });
});

describe('the steps of an answer', () => {
  const steps: AnswerStep[] = [
    { kind: 'thinking', text: 'Twelve sevens.', ms: 2000 },
    use(),
    { kind: 'limit', rounds: 3 },
  ];

  it('are folded lines; opened they show all of it', async () => {
    render(AnswerSteps, { props: { steps, onallow: () => undefined } });
    const thought = screen.getByText(/^Thought for 2/);
    expect(thought.closest('details')?.open).toBe(false);
    expect(screen.getByText('Twelve sevens.').textContent).toBe('Twelve sevens.');
    expect(screen.getByText('Used Calculator: 84')).toBeTruthy();
    expect(screen.getByText(/went on calling tools 3 times/)).toBeTruthy();
  });

  it('a call that waits has three answers by keyboard, and none of them has the focus by itself', async () => {
    const onallow = vi.fn();
    const asking = [use({ state: 'asking', result: null })];
    render(AnswerSteps, { props: { steps: asking, onallow } });
    const card = screen.getByRole('group', { name: 'The model wants to use Calculator' });
    expect(document.activeElement).toBe(card);
    expect(card.textContent).toContain('12*7');
    for (const [name, answer] of [
      ['Allow once', 'once'],
      ['Always allow', 'always'],
      ['Don’t allow', 'never'],
    ] as const) {
      await fireEvent.click(screen.getByRole('button', { name }));
      expect(onallow).toHaveBeenLastCalledWith('u', answer);
    }
  });
});

describe('a conversation that waits for a word', () => {
  const message = (over: Partial<Message>): Message => ({
    ...{ id: 'q', conversationId: 'c', parentId: null, role: 'user', text: 'What is 12*7?' },
    ...{ status: 'complete', error: null, createdAt: 0, modelId: null, modelName: null },
    ...{ turnId: null, stats: null, sources: [], claims: [], support: null },
    ...over,
  });
  const conversation: Conversation = {
    use: 'passages',
    ...{ id: 'c', title: 'Sums', pinned: false, modelId: null, createdAt: 0, updatedAt: 0 },
    ...{ messageCount: 2, systemPrompt: '', scope: { kind: 'none' }, leafId: 'a' },
    messages: [
      message({}),
      message({
        ...{ id: 'a', parentId: 'q', role: 'assistant', text: '', status: 'streaming' },
        turnId: 't1',
      }),
    ],
  };

  it('Esc says no to the call; without one it stops the answer', async () => {
    const said: unknown[] = [];
    const { app, fake, context } = appWith({
      'conversations.get': () => conversation,
      'chat.allowTool': (args) => {
        said.push(args);
        return null;
      },
      'chat.stop': (args) => {
        said.push(args);
        return null;
      },
    });
    app.router.openConversation('c');
    render(ChatView, { context });
    await waitFor(() => expect(fake.readers('turn', 't1')).toBe(1));
    fake.emit('turn', 't1', {
      seq: 1,
      event: { type: 'tool', use: use({ state: 'asking', result: null }) },
    });
    const card = await screen.findByRole('group', { name: /wants to use Calculator/ });
    await fireEvent.keyDown(card, { key: 'Escape' });
    expect(said).toEqual([{ turnId: 't1', useId: 'u', answer: 'never' }]);
    fake.emit('turn', 't1', { seq: 2, event: { type: 'tool', use: use({ state: 'refused' }) } });
    await screen.findByText('Not allowed: Calculator');
    await fireEvent.keyDown(screen.getByRole('textbox', { name: 'Message' }), { key: 'Escape' });
    await waitFor(() => expect(said).toHaveLength(2));
    expect(said[1]).toEqual({ turnId: 't1' });
  });
});

describe('the picker', () => {
  it('shows how many tools are on and changes one of them', async () => {
    let now: Settings = settings();
    const { app, context } = appWith({
      'settings.get': () => now,
      'settings.set': ({ values }) => (now = { ...now, ...values }),
    });
    await app.settings.refresh();
    render(ToolsPicker, { props: { disabled: false }, context });
    await fireEvent.click(await screen.findByRole('button', { name: 'Tools: No tools' }));
    const group = await screen.findByRole('radiogroup', { name: 'Calculator' });
    const ask = [...group.querySelectorAll('button')].find((one) =>
      one.textContent?.includes('Ask each time'),
    );
    if (!ask) throw new Error('no choice');
    await fireEvent.click(ask);
    await screen.findByRole('button', { name: 'Tools: 1 tool', hidden: true });
    expect(now.tools).toEqual({ ...settings().tools, calculator: 'ask' });
  });
});
