import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DocumentPart } from '../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../api.fake.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import {
  appWith,
  documentPage,
  documentSummary,
  documentView,
  withoutLayout,
} from '../../samples.fake.ts';
import Viewer from './Viewer.svelte';

const drawn: number[] = [];
let openings = 0;
vi.mock('./pdf.ts', () => ({
  openPdf: async () => {
    openings += 1;
    return {
      pages: 12,
      draw: async (page: number) => void drawn.push(page),
      close: () => undefined,
    };
  },
}));

beforeAll(withoutLayout);
afterEach(() => {
  cleanup();
  drawn.length = 0;
  openings = 0;
});

function open(answers: FakeAnswers, props: Omit<Parameters<typeof Viewer>[1], 'documentId'>) {
  const { context, fake, app } = appWith(answers);
  render(Viewer, { props: { documentId: 'd', ...props }, context });
  return { fake, app };
}

describe('a text document', () => {
  const text = 'Rent\n\nThe rent is due on the first. It is paid by transfer.\n';
  const quote = 'It is paid by transfer.';
  const answers: FakeAnswers = {
    'documents.view': () => documentView({ pageStarts: [0, 500], citedIn: 2 }),
    'documents.page': ({ page }) =>
      page === 1
        ? documentPage({ text: 'Before.\n' })
        : documentPage({ page: 2, text, start: 500, headings: [{ level: 1, start: 0, end: 4 }] }),
  };
  const start = 500 + text.indexOf(quote);

  it('marks exactly the passage, on the page that holds it', async () => {
    open(answers, { mark: { start, end: start + quote.length } });
    const mark = await waitFor(() => {
      const found = document.querySelector('mark');
      if (!found) throw new Error('no mark yet');
      return found;
    });
    expect(mark.textContent).toBe(quote);
    expect(document.querySelectorAll('mark')).toHaveLength(1);
    expect(screen.getByRole('heading', { name: 'Rent' })).toBeTruthy();
    expect(screen.getByText('Cited in 2 chats')).toBeTruthy();
  });

  it('says when the file has changed since it was read', async () => {
    open(
      {
        ...answers,
        'documents.view': () =>
          documentView({ document: documentSummary({ fileState: 'changed' }), pageStarts: [0] }),
      },
      {},
    );
    expect((await screen.findByRole('status')).textContent).toContain(
      'The file has changed. The version read on March 4 is shown here.',
    );
  });

  it('keeps the quoted words when the document was removed', async () => {
    const gone = () => {
      throw refusal('not-found');
    };
    open({ 'documents.view': gone }, { quote, mark: { start: 0, end: 4 } });
    expect(await screen.findByText('This document was removed from the library')).toBeTruthy();
    expect(screen.getByText(quote)).toBeTruthy();
  });

  it('offers another try when the document cannot be opened', async () => {
    let refuse = true;
    open(
      {
        ...answers,
        'documents.view': () => {
          if (refuse) throw refusal('internal');
          return documentView();
        },
      },
      {},
    );
    const again = await screen.findByRole('button', { name: 'Try again' });
    refuse = false;
    await fireEvent.click(again);
    expect(await screen.findByText('Before.')).toBeTruthy();
  });
});

describe('a pdf', () => {
  const text = 'Unless it is renewed, the lease ends on 3 March 2027.';
  const answers: FakeAnswers = {
    'documents.view': () =>
      documentView({
        document: documentSummary({ format: 'pdf', name: 'lease.pdf', pages: 12 }),
        hasImage: true,
        pageStarts: Array.from({ length: 12 }, (_, index) => index * 1000),
      }),
    'documents.page': ({ page }) =>
      documentPage({
        page,
        text,
        start: (page - 1) * 1000,
        width: 595,
        height: 842,
        spans: [[0, text.length, 72, 90, 530, 10]],
      }),
  };
  const quote = 'the lease ends on 3 March 2027.';
  const start = 2000 + text.indexOf(quote);

  it('opens the page of the mark, draws it and marks the place with the quote as its name', async () => {
    open(answers, { mark: { start, end: start + quote.length }, quote });
    const mark = await screen.findByRole('img', { name: `Marked on this page: ${quote}` });
    expect(mark.querySelectorAll('.mark')).toHaveLength(1);
    expect(screen.getByText('Page 3').parentElement?.textContent).toContain(quote);
    await waitFor(() => expect(drawn).toContain(3));
  });

  it('turns pages by button and by number, and shows the mark only where it is', async () => {
    open(answers, { mark: { start, end: start + 5 }, quote });
    await screen.findByRole('img');
    await fireEvent.click(screen.getByRole('button', { name: 'Next page' }));
    expect(await screen.findByRole('region', { name: 'lease.pdf, page 4 of 12' })).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole('img')).toBeNull());

    const field = screen.getByRole('textbox', { name: /Page/ });
    await fireEvent.change(field, { target: { value: '99' } });
    expect(await screen.findByRole('region', { name: 'lease.pdf, page 12 of 12' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Next page' }).hasAttribute('disabled')).toBe(true);
  });

  it('does not open the file again, or turn the page, because others are being read', async () => {
    const { fake } = open(answers, { page: 5 });
    await screen.findByRole('region', { name: 'lease.pdf, page 5 of 12' });
    await fireEvent.click(screen.getByRole('button', { name: 'Next page' }));
    const asked = () => fake.calls.filter((call) => call.name === 'documents.view').length;
    const before = asked();
    fake.push('documents.changed', { collectionId: null });
    await waitFor(() => expect(asked()).toBe(before + 1));
    await waitFor(() => expect(drawn).toContain(6));
    expect(screen.getByRole('region', { name: 'lease.pdf, page 6 of 12' })).toBeTruthy();
    expect(openings).toBe(1);
  });

  it('turns pages by key', async () => {
    open(answers, { page: 5 });
    const region = await screen.findByRole('region', { name: 'lease.pdf, page 5 of 12' });
    await fireEvent.keyDown(region, { key: 'PageDown' });
    const next = await screen.findByRole('region', { name: 'lease.pdf, page 6 of 12' });
    await fireEvent.keyDown(next, { key: 'Home' });
    expect(await screen.findByRole('region', { name: 'lease.pdf, page 1 of 12' })).toBeTruthy();
  });
});

describe('recognised text', () => {
  const part = (page: number, isRecognised: boolean): DocumentPart => ({
    ...{ page, kind: 'page', title: null, start: 0, characters: 10, lines: 1 },
    ...{ width: null, height: null, ...(isRecognised && { isRecognised }) },
  });
  const show = (parts: readonly DocumentPart[]) =>
    open(
      {
        'documents.view': () => documentView({ pageStarts: parts.map(() => 0) }),
        'documents.parts': () => parts,
        'documents.page': ({ page }) => documentPage({ page, text: 'Osprey.' }),
      },
      {},
    );

  it('is told above a document that is all of it', async () => {
    show([part(1, true)]);
    expect((await screen.findByRole('note')).textContent).toContain(
      'Recognised text: may contain errors. Compare it with the original.',
    );
  });

  it('and where some pages are, how many', async () => {
    show([part(1, false), part(2, true), part(3, true)]);
    expect((await screen.findByRole('note')).textContent).toContain(
      '2 of 3 pages hold recognised text, which may contain errors',
    );
  });

  it('but not above a document that has its text', async () => {
    show([part(1, false)]);
    await screen.findByText('Osprey.');
    expect(screen.queryByRole('note')).toBeNull();
  });
});
