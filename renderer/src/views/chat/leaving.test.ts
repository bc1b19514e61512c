import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../electron/ipc/contract/index.ts';
import { appWith, collection, model, withoutLayout } from '../../samples.fake.ts';
import ChatView from './ChatView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

async function sendSlowly() {
  let sent = (): void => {};
  const made = appWith({
    'models.list': () => [model({ id: 'm' })],
    'conversations.create': () => ({ id: 'new' }) as Conversation,
    'conversations.get': () => new Promise<never>(() => {}),
    'chat.send': () =>
      new Promise((resolve) => {
        sent = () => resolve({ turnId: 't', messageId: 'u', answerId: 'a' } as never);
      }),
  });
  render(ChatView, { context: made.context });
  const box = await screen.findByRole('textbox', { name: 'Message' });
  await fireEvent.input(box, { target: { value: 'When does the lease end?' } });
  const button = screen.getByRole('button', { name: 'Send' });
  await waitFor(() => expect(button).toHaveProperty('disabled', false));
  await fireEvent.click(button);
  await waitFor(() => expect(made.fake.calls.map(({ name }) => name)).toContain('chat.send'));
  return { ...made, sent: () => sent() };
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
