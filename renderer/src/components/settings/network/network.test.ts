import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectionOutcomes } from '../../../../../electron/ipc/contract/index.ts';
import type { ConnectionOutcome } from '../../../../../electron/ipc/contract/index.ts';
import type { FakeAnswers } from '../../../api.fake.ts';
import { refusal } from '../../../api.fake.ts';
import {
  appWith,
  keptToken,
  networkStatus,
  settings,
  withoutLayout,
} from '../../../samples.fake.ts';
import NetworkFields from './NetworkFields.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

function open(answers: FakeAnswers = {}, now = settings()) {
  const made = appWith({
    'settings.get': () => now,
    'settings.set': ({ values }) => (now = { ...now, ...values }),
    ...answers,
  });
  render(NetworkFields, { props: { settings: now }, context: made.context });
  return made;
}
const asked = (made: ReturnType<typeof open>) => made.fake.calls.map(({ name }) => name);

describe('network settings', () => {
  it('opening them asks the hub nothing', async () => {
    const made = open();
    await screen.findByText('Models come from https://huggingface.co.');
    expect(asked(made)).not.toContain('network.test');
    expect(asked(made)).not.toContain('network.refreshKeys');
  });

  it('a proxy counts when it is given, not when its field is opened', async () => {
    const made = open();
    await fireEvent.click(await screen.findByRole('radio', { name: 'Own address' }));
    expect(asked(made)).not.toContain('settings.set');
    await fireEvent.input(screen.getByRole('textbox', { name: 'Address of the proxy' }), {
      target: { value: ' http://proxy.example:8080 ' },
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Use this proxy' }));
    await waitFor(() =>
      expect(made.fake.calls).toContainEqual({
        name: 'settings.set',
        args: {
          values: {
            proxyMode: 'manual',
            proxyAddress: 'http://proxy.example:8080',
            proxyBypass: '',
          },
        },
      }),
    );
  });

  it('a refused address is told at its field', async () => {
    open({
      'settings.set': () => {
        throw refusal('invalid-argument', { setting: 'proxyAddress' });
      },
    });
    await fireEvent.click(await screen.findByRole('radio', { name: 'Own address' }));
    const field = screen.getByRole('textbox', { name: 'Address of the proxy' });
    await fireEvent.input(field, { target: { value: 'ftp://x' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Use this proxy' }));
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(screen.getByText(/It needs to be http:\/\//)).toBeTruthy();
  });

  it('says where the address comes from (lmstudio#474)', async () => {
    const address = 'https://mirror.example';
    open({
      'network.status': () =>
        networkStatus({
          endpoint: { address, from: 'environment', overridden: null, isRefused: false },
        }),
    });
    expect(
      await screen.findByText(`Models come from ${address}, as HF_ENDPOINT says.`),
    ).toBeTruthy();
  });

  it('a token is given once and never stays in the page', async () => {
    const made = open({ 'shell.setToken': () => keptToken({ since: 1, protection: 'system' }) });
    const field = await screen.findByLabelText('Access token for the hub', { selector: 'input' });
    expect(field.getAttribute('type')).toBe('password');
    await fireEvent.input(field, { target: { value: 'hf_secretSECRET' } });
    made.fake.answers['shell.tokenStatus'] = () =>
      keptToken({ since: Date.UTC(2026, 2, 12, 12), protection: 'system' });
    await fireEvent.click(screen.getByRole('button', { name: 'Keep token' }));
    expect(await screen.findByText(/A token is kept since .*encrypted/)).toBeTruthy();
    expect(document.body.innerHTML).not.toContain('SECRET');
    expect(screen.getByRole('button', { name: 'Remove token' })).toBeTruthy();
  });

  it('without a keychain it says so, and keeps nothing before that is agreed to', async () => {
    open({ 'shell.tokenStatus': () => keptToken({ canProtect: false }) });
    const field = await screen.findByLabelText('Access token for the hub', { selector: 'input' });
    await fireEvent.input(field, { target: { value: 'hf_secretSECRET' } });
    expect(screen.getByText(/No keychain that encrypts was found/)).toBeTruthy();
    const keep = screen.getByRole<HTMLButtonElement>('button', { name: 'Keep token' });
    expect(keep.disabled).toBe(true);
    await fireEvent.click(screen.getByRole('switch', { name: 'Keep it in such a file' }));
    await waitFor(() => expect(keep.disabled).toBe(false));
  });

  it('an authority is chosen in the dialog, shown with its end, and can go', async () => {
    const made = open({
      'shell.pickAuthority': () => ['/ca.pem'],
      'network.addAuthority': () => networkStatus(),
      'network.removeAuthority': () => networkStatus(),
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'Add a certificate…' }));
    await waitFor(() =>
      expect(made.fake.calls).toContainEqual({
        name: 'network.addAuthority',
        args: { paths: ['/ca.pem'] },
      }),
    );
    const authority = {
      subject: 'CN=Corp CA',
      expiresAt: Date.UTC(2020, 1, 3),
      count: 1,
      addedAt: 0,
    };
    made.fake.answers['network.status'] = () => networkStatus({ authority });
    made.fake.push('settings.changed', {});
    expect(await screen.findByText(/CN=Corp CA\. It expired on .*2020/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Remove certificate' })).toBeTruthy();
  });

  it.each(connectionOutcomes)('the test tells in words: %s', async (outcome: ConnectionOutcome) => {
    open({
      'network.test': () => ({
        outcome,
        host: 'hub.example',
        proxy: 'proxy.example:1',
        usedToken: true,
        status: 503,
      }),
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'Test connection' }));
    const said = await screen.findAllByRole('status');
    await waitFor(() => expect(said.map((one) => one.textContent).join('')).toMatch(/\.example/));
    expect(said.map((one) => one.textContent).join('')).not.toMatch(/[{}]|network\./);
  });

  it('keys are refreshed only on a press, and a refusal says that the old ones still count', async () => {
    const made = open({
      'network.refreshKeys': () => {
        throw refusal('keys-refused', { reason: 'expired' });
      },
    });
    const group = within(await screen.findByRole('group', { name: 'Keys for signatures' }));
    expect(group.getByText(/Keys as of .*, shipped with Quarry/)).toBeTruthy();
    await fireEvent.click(group.getByRole('button', { name: 'Check for newer keys' }));
    expect(await group.findByText(/out of date.*The keys that are there still count/)).toBeTruthy();
    await fireEvent.click(group.getByRole('switch'));
    await waitFor(() =>
      expect(made.fake.calls).toContainEqual({
        name: 'settings.set',
        args: { values: { refreshKeys: true } },
      }),
    );
  });
});
