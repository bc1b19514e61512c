import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, BackendReason, Backends as All } from '../../../../../electron/ipc/contract/index.ts'; // prettier-ignore
import { refusal } from '../../../api.fake.ts';
import { appWith, withoutLayout } from '../../../samples.fake.ts';
import Backends from './Backends.svelte';
import { backendName, backendWords } from './words.ts';

beforeAll(withoutLayout);
afterEach(cleanup);

const backend = (name: string, reason: BackendReason | null, over: Partial<Backend> = {}) => ({
  ...{ name, reason, devices: [], memory: 0, triedAt: null, denseOnly: false },
  ...over,
});
const all = (over: Partial<All> = {}): All => ({
  choice: 'auto',
  chosen: 'vulkan',
  isTrying: false,
  list: [
    backend('cuda', 'no-driver'),
    backend('vulkan', null, { devices: ['Radeon'], memory: 8e9, triedAt: Date.UTC(2026, 10, 22) }),
    backend('own:cpu', 'not-tried'),
    backend('cpu', null),
  ],
  ...over,
});

describe('what runs the models', () => {
  it('says what was chosen and why the others were not', async () => {
    const { context } = appWith({ 'backends.list': () => all() });
    render(Backends, { context });
    const rows = await screen.findAllByRole('listitem');
    expect(rows.map((row) => row.textContent.replace(/\s+/g, ' ').trim())).toEqual([
      'CUDA No CUDA driver was found.',
      expect.stringMatching(/^Vulkan Used Works: Radeon, .+ of memory\.$/),
      'cpu (own build) Not tried: a better way works.',
      'Processor Works.',
    ]);
  });

  it('has a sentence for every reason, with no code in it', () => {
    const reasons: BackendReason[] = [
      ...([
        'not-tried',
        'not-built',
        'no-driver',
        'no-device',
        'does-not-load',
        'crashed',
      ] as const),
      ...(['timed-out', 'failed', 'different', 'crashed-in-use', 'platform'] as const),
      ...(['release', 'changed', 'unreadable'] as const),
    ];
    const said = reasons.map((reason) => backendWords(backend('cuda', reason), all()));
    expect(new Set(said).size).toBe(reasons.length);
    for (const words of said) expect(words).toMatch(/^[A-Z][^{}]+\.$/);
    expect(backendName('own:rocm')).toBe('rocm (own build)');
  });

  it('tries again on a press, and says why it cannot', async () => {
    const { fake, context, app } = appWith({
      'backends.list': () => all(),
      'backends.try': () => {
        throw refusal('model-busy');
      },
    });
    render(Backends, { context });
    await fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(fake.calls.map(({ name }) => name)).toContain('backends.try');
    await expect.poll(() => app.toasts.list.length).toBe(1);
    expect(await screen.findByRole('button', { name: 'Try again' })).toBeTruthy();
  });

  it('says that what was wished does not work now', async () => {
    const { context } = appWith({ 'backends.list': () => all({ choice: 'cuda' }) });
    render(Backends, { context });
    expect(await screen.findByText(/CUDA was chosen and does not work here now/)).toBeTruthy();
  });
});
