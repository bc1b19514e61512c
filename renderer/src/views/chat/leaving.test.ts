import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../api.fake.ts';
import { appWith, collection, model, withoutLayout } from '../../samples.fake.ts';
import ChatView from './ChatView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const begun: Conversation = {
  ...{ id: 'c', title: 'Lease', pinned: false, modelId: 'm', createdAt: 0, updatedAt: 0 },
  ...{ messageCount: 0, systemPrompt: '', scope: { kind: 'none' }, use: 'passages' },
  ...{ leafId: null, messages: [] },
};

async function sendSlowly(got: () => Promise<Conversation> = () => new Promise(() => {})) {
  let sent = (): void => {};
  let refuse = (): void => {};
  const made = appWith({
    'models.list': () => [model({ id: 'm' })],
    'conversations.create': () => ({ id: 'new' }) as Conversation,
    'conversations.get': got,
    'conversations.remove': () => null,
    'chat.send': () =>
      new Promise((resolve, reject) => {
        sent = () => resolve({ turnId: 't', messageId: 'u', answerId: 'a' } as never);
        refuse = () => reject(refusal('disk-full'));
      }),
  });
  render(ChatView, { context: made.context });
  const box = await screen.findByRole('textbox', { name: 'Message' });
  await fireEvent.input(box, { target: { value: 'When does the lease end?' } });
  const button = screen.getByRole('button', { name: 'Send' });
  await waitFor(() => expect(button).toHaveProperty('disabled', false));
  await fireEvent.click(button);
  await waitFor(() => expect(made.fake.calls.map(({ name }) => name)).toContain('chat.send'));
  return { ...made, sent: () => sent(), refuse: () => refuse() };
}

describe('a first question that takes a while to be sent', () => {
  it('opens its conversation where the person stayed', async () => {
    const { app, sent } = await sendSlowly();
    sent();
    await waitFor(() => expect(app.router.conversationId).toBe('new'));
    expect(app.router.view).toBe('chat');
  });

  it('does not call back who went to another view meanwhile', async () => {
    const { app, sent } = await sendSlowly();
    app.router.go('memory');
    sent();
    await waitFor(() => expect(app.router.conversationId).toBe('new'));
    expect(app.router.view).toBe('memory');
  });

  it('nor who opened another conversation', async () => {
    const { app, sent } = await sendSlowly();
    app.router.openConversation('other');
    sent();
    await waitFor(() => expect(app.chat.unsent(null)).toBe(''));
    expect(app.router.conversationId).toBe('other');
  });

  it('nor who began a new conversation, whose words stay', async () => {
    const { app, sent } = await sendSlowly();
    app.router.openConversation(null);
    app.chat.keep(null, 'Something else');
    sent();
    // Behind everything that the answer of the call sets going.
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(app.router.conversationId).toBeNull();
    expect(app.chat.unsent(null)).toBe('Something else');
  });
});

describe('a question written while the one before is still being sent', () => {
  const box = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
  const write = (value: string) => fireEvent.input(box(), { target: { value } });
  const send = () => fireEvent.keyDown(box(), { key: 'Enter' });
  const kept = 'These words stay here until the question before them is sent.';

  it('stays where it is, says so, and goes along to the conversation', async () => {
    const { app, fake, sent } = await sendSlowly();
    expect(box().value).toBe('');
    await write('And who pays for it?');
    await send();
    expect(screen.getByText(kept)).toBeTruthy();
    expect(fake.calls.filter(({ name }) => name === 'chat.send')).toHaveLength(1);
    sent();
    await waitFor(() => expect(app.router.conversationId).toBe('new'));
    expect(box().value).toBe('And who pays for it?');
  });

  it('stands behind the one before when that is refused', async () => {
    const { refuse, fake } = await sendSlowly(() => Promise.resolve(begun));
    await write('And who pays for it?');
    refuse();
    await waitFor(() =>
      expect(box().value).toBe('When does the lease end?\n\nAnd who pays for it?'),
    );
    // The conversation that was made for it has no question.
    await waitFor(() =>
      expect(fake.calls).toContainEqual({ name: 'conversations.remove', args: { id: 'new' } }),
    );
  });

  it('stays in a conversation that goes on, too', async () => {
    let sent = (): void => {};
    const { context, app } = appWith({
      'models.list': () => [model({ id: 'm' })],
      'conversations.list': () => [],
      'conversations.get': () => begun,
      'chat.send': () => new Promise((resolve) => (sent = () => resolve({ turnId: 't' } as never))),
    });
    app.router.openConversation('c');
    render(ChatView, { context });
    await screen.findByRole('textbox', { name: 'Message' });
    await write('When does the lease end?');
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Send' })).toHaveProperty('disabled', false),
    );
    await send();
    expect(box().value).toBe('');
    await write('And who pays for it?');
    await send();
    expect(screen.getByText(kept)).toBeTruthy();
    sent();
    await waitFor(() => expect(screen.queryByText(kept)).toBeNull());
    expect(box().value).toBe('And who pays for it?');
  });
});

it('the empty page offers collections of the same name', async () => {
  const { context } = appWith({
    'models.list': () => [model({ id: 'm' })],
    'documents.collections': () => ['a', 'b'].map((id) => collection({ id, name: 'Mixed' })),
  });
  render(ChatView, { context });
  await waitFor(() =>
    expect(screen.getAllByRole('button', { name: /^Ask about Mixed/ })).toHaveLength(2),
  );
});
