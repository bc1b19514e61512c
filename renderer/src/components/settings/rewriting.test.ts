import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RewriteTests, Settings } from '../../../../electron/ipc/contract/index.ts';
import { appWith, settings, withoutLayout } from '../../samples.fake.ts';
import RewritingFields from './RewritingFields.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const known: RewriteTests = { tests: [], limitMs: 7000, dialogues: 31 };

function open(now: RewriteTests, values: Partial<Settings> = {}) {
  const made = appWith({
    'chat.rewriteTests': () => now,
    'chat.testRewriting': () => new Promise<never>(() => {}),
  });
  const props = { settings: { ...settings(), ...values }, onchange: () => {} };
  render(RewritingFields, { props, context: made.context });
  return made;
}

describe('follow-up questions in the settings', () => {
  it('tell the time and the number of conversations that CORE tells, before any test', async () => {
    open(known);
    expect(await screen.findByText(/an answer waits 7 s for it at most/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Test the model now' }));
    expect(await screen.findByText('Testing the model with 31 conversations')).toBeTruthy();
  });

  it('say when a model that holds one conversation has no place for a wording', async () => {
    open(known, { sessions: 1, rewriteQuestions: 'automatic' });
    expect(await screen.findByText(/left out while that conversation is not saved/)).toBeTruthy();
    cleanup();
    open(known, { sessions: 2, rewriteQuestions: 'automatic' });
    await screen.findByText(/an answer waits/);
    expect(screen.queryByText(/left out while/)).toBeNull();
    cleanup();
    open(known, { sessions: 1, rewriteQuestions: 'rule' });
    await screen.findByText(/an answer waits/);
    expect(screen.queryByText(/left out while/)).toBeNull();
  });
});
