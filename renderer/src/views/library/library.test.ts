import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PassageHit, SearchReading } from '../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../api.fake.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import {
  appWith,
  collection,
  documentPage,
  documentSummary,
  documentView,
  task,
  withoutLayout,
} from '../../samples.fake.ts';
import LibraryView from './LibraryView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

function open(answers: FakeAnswers = {}) {
  const made = appWith({ 'documents.collections': () => [collection()], ...answers });
  render(LibraryView, { context: made.context });
  return made;
}

describe('the library', () => {
  it('invites to drop a folder when it is empty, and adds what is chosen', async () => {
    const { fake } = open({
      'documents.collections': () => [],
      'shell.pickFolder': () => ['/home/a/Lease'],
      'documents.add': () => ({ collectionId: 'c', taskId: 't', leftOut: [] }),
    });
    expect(await screen.findByRole('heading', { name: 'Drop a folder here' })).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Add folder' }));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'documents.add',
        args: { paths: ['/home/a/Lease'] },
      }),
    );
  });

  it('adds nothing when the dialog is cancelled', async () => {
    const { fake } = open({ 'documents.collections': () => [], 'shell.pickFolder': () => [] });
    await fireEvent.click(await screen.findByRole('button', { name: 'Add folder' }));
    await waitFor(() => expect(fake.calls.map((c) => c.name)).toContain('shell.pickFolder'));
    expect(fake.calls.map((c) => c.name)).not.toContain('documents.add');
  });

  it('lists documents with their state, and the reason where one was not read', async () => {
    open({
      'documents.list': () => [
        documentSummary(),
        documentSummary({
          id: 'e',
          name: 'bank.pdf',
          format: 'pdf',
          state: 'failed',
          error: { code: 'document-encrypted', message: '' },
        }),
        documentSummary({ id: 'f', name: 'moved.txt', format: 'txt', fileState: 'gone' }),
        documentSummary({ id: 'g', name: 'next.docx', format: 'docx', state: 'waiting' }),
      ],
    });
    const row = (name: RegExp) => screen.getByRole('row', { name });
    expect(await screen.findByRole('button', { name: 'notes.md' })).toBeTruthy();
    expect(row(/bank\.pdf/).textContent).toContain('The document is locked by a password.');
    expect(row(/moved\.txt/).textContent).toContain('file gone');
    expect(row(/next\.docx/).textContent).toContain('waiting');
    // What was not read cannot be opened.
    expect(screen.queryByRole('button', { name: 'bank.pdf' })).toBeNull();
  });

  it('says which file is being read, and stops on request', async () => {
    const { fake } = open({
      'tasks.list': () => [
        task({
          current: '/home/a/Lease/contract.pdf',
          done: 2,
          total: 12,
          failures: 1,
          targetId: 'c',
        }),
      ],
      'tasks.cancel': () => null,
    });
    expect(await screen.findByText('Reading contract.pdf, 3 of 12 files')).toBeTruthy();
    expect(screen.getByText('1 could not be read')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(fake.calls).toContainEqual({ name: 'tasks.cancel', args: { taskId: 't' } });
  });

  it('offers another try when the library cannot be read', async () => {
    let refuse = true;
    open({
      'documents.collections': () => {
        if (refuse) throw refusal('database-locked');
        return [collection()];
      },
    });
    const again = await screen.findByRole('button', { name: 'Try again' });
    refuse = false;
    await fireEvent.click(again);
    expect(await screen.findByRole('heading', { name: 'Library' })).toBeTruthy();
  });

  it('asks for the documents of the chosen collection only', async () => {
    const { fake } = open();
    await fireEvent.click(await screen.findByRole('button', { name: /^Lease/ }));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({ name: 'documents.list', args: { collectionId: 'c' } }),
    );
    expect(screen.getByRole('heading', { name: 'Lease' })).toBeTruthy();
  });
});

describe('searching the library', () => {
  const text = 'The rent is due on the first of the month.';
  const hit: PassageHit = {
    passageId: 'p',
    documentId: 'd',
    documentName: 'notes.md',
    collectionId: 'c',
    page: null,
    heading: 'Rent',
    text,
    start: 0,
    end: text.length,
    score: 1,
    marks: [[4, 8]],
  };
  const read = (
    { query }: { query: string },
    hits: readonly PassageHit[],
    over: Partial<SearchReading> = {},
  ): SearchReading => ({
    ...{ hits, text: query, filters: [], without: [], typed: [], documents: 2, emptied: [] },
    ...over,
  });
  const answers: FakeAnswers = {
    'documents.list': () => [documentSummary()],
    'documents.searchReading': ({ query }) => read({ query }, query === 'rent' ? [hit] : []),
    'documents.view': () => documentView(),
    'documents.page': () => documentPage({ text: `${text} More follows.` }),
  };
  const type = async (value: string) =>
    fireEvent.input(await screen.findByRole('searchbox'), { target: { value } });

  it('shows passages with the found words marked, and opens the document at the passage', async () => {
    open(answers);
    await type('rent');
    const found = await screen.findByRole('button', { name: /notes\.md/ });
    expect(found.querySelector('mark')?.textContent).toBe('rent');
    expect(screen.getByText('1 passage for “rent”. Searched: 2 documents.')).toBeTruthy();

    await fireEvent.click(found);
    await waitFor(() => expect(document.querySelector('article mark')?.textContent).toBe(text));
    await fireEvent.click(screen.getByRole('button', { name: 'Back to the search' }));
    expect(await screen.findByText(/^1 passage for “rent”/)).toBeTruthy();
  });

  it('names other files with the same content, and opens them at the same place', async () => {
    const sameIn = [{ documentId: 'e', documentName: 'copy.md', path: '/home/a/old/copy.md' }];
    const { fake } = open({
      ...answers,
      'documents.searchReading': ({ query }) => read({ query }, [{ ...hit, sameIn }]),
    });
    await type('rent');
    expect(await screen.findByText('The same content in 1 other file')).toBeTruthy();
    await fireEvent.click(screen.getByText('copy.md'));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({ name: 'documents.view', args: { documentId: 'e' } }),
    );
  });

  it('names other files with the same words among others, and opens them where those stand', async () => {
    const at = { page: 7, start: 40, end: 60 };
    const other = { documentId: 'e', documentName: 'other.pdf', path: '/home/a/other.pdf', at };
    const { fake } = open({
      ...answers,
      'documents.searchReading': ({ query }) => read({ query }, [{ ...hit, sameIn: [other] }]),
    });
    await type('rent');
    expect(await screen.findByText('The same words in 1 other file')).toBeTruthy();
    const button = screen.getByTitle('Open /home/a/other.pdf');
    expect(button.textContent).toMatch(/other\.pdf\s*page 7\s*\/home\/a/);
    await fireEvent.click(button);
    await waitFor(() =>
      expect(fake.calls).toContainEqual({ name: 'documents.view', args: { documentId: 'e' } }),
    );
  });

  it('says of recognised text that it may be wrong', async () => {
    open({
      ...answers,
      'documents.searchReading': ({ query }) => read({ query }, [{ ...hit, isRecognised: true }]),
    });
    await type('rent');
    const mark = await screen.findByTitle('Recognised text: may contain errors');
    expect(mark.textContent?.trim()).toBe('recognised text');
  });

  it('says so when nothing was found, and gives the list back when the words are cleared', async () => {
    open(answers);
    await type('zebra');
    expect(await screen.findByText('Nothing found for “zebra”')).toBeTruthy();
    await type('');
    expect(await screen.findByRole('button', { name: 'notes.md' })).toBeTruthy();
  });

  const typed = [
    { kind: 'type', value: 'pdf', start: 0, end: 8 },
    { kind: 'without', value: 'draft', start: 14, end: 20 },
  ] as const;
  const filters = [{ kind: 'type', value: 'pdf' }] as const;

  it('shows typed filters as chips, says what was looked for, and takes a filter out by a press', async () => {
    const { fake } = open({
      ...answers,
      'documents.searchReading': (args) =>
        read(args, [hit], { text: 'rent', filters, typed, without: ['draft'] }),
    });
    await type('type:pdf rent -draft');
    const chips = await screen.findByRole('list', { name: 'Filters of this search' });
    expect(
      within(chips)
        .getAllByRole('button')
        .map((chip) => chip.textContent?.trim()),
    ).toEqual(['Kind: PDF, remove', 'Without: draft, remove']);
    expect(screen.getByText(/^1 passage for “rent”, only PDF, without “draft”\./)).toBeTruthy();
    await fireEvent.click(within(chips).getByRole('button', { name: /^Kind: PDF/ }));
    await waitFor(() =>
      expect(fake.calls.at(-1)).toMatchObject({
        name: 'documents.searchReading',
        args: { query: 'rent -draft' },
      }),
    );
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
  });

  it('says which filter left nothing, and searches without it', async () => {
    const { fake } = open({
      ...answers,
      'documents.searchReading': (args) =>
        args.query.includes('type:pdf')
          ? read(args, [], {
              ...{ text: 'rent', filters, typed: typed.slice(0, 1), documents: 0 },
              emptied: [{ kind: 'type', documents: 0, passages: 3 }],
            })
          : read(args, [hit]),
    });
    await type('type:pdf rent');
    expect(await screen.findByText('Nothing found for “rent”, only PDF')).toBeTruthy();
    expect(screen.getByText('No document is of the kind PDF.')).toBeTruthy();
    await fireEvent.click(
      screen.getByRole('button', { name: 'Leave out “Kind: PDF”: 3 passages' }),
    );
    expect(await screen.findByText(/^1 passage for “rent”/)).toBeTruthy();
    expect(fake.calls.at(-1)?.args).toMatchObject({ query: 'rent' });
  });

  it('asks for words where only filters are typed, with how many documents they leave', async () => {
    open({
      ...answers,
      'documents.searchReading': (args) =>
        read(args, [], { text: '', filters, typed: typed.slice(0, 1), documents: 1 }),
    });
    await type('type:pdf');
    expect(await screen.findByText('Type what to look for')).toBeTruthy();
    expect(screen.getByText('The filters leave 1 document.')).toBeTruthy();
  });

  it('says that a filter needs a value, and searches without it', async () => {
    open({
      ...answers,
      'documents.searchReading': (args) =>
        args.query === 'type:'
          ? read(args, [], { text: '', unfinished: [{ kind: 'type', word: 'type' }] })
          : read(args, [hit]),
    });
    // With its suggestions open the field is a combobox.
    const field = await screen.findByRole('searchbox');
    await fireEvent.input(field, { target: { value: 'type:' } });
    const words = 'type: needs a value, for example type:pdf. It is left out until then.';
    expect(await screen.findByText(words)).toBeTruthy();
    expect(screen.getByText('Type what to look for')).toBeTruthy();
    await fireEvent.input(field, { target: { value: 'rent' } });
    expect(await screen.findByText(/^1 passage for “rent”/)).toBeTruthy();
    expect(screen.queryByText(words)).toBeNull();
  });

  it('lists the documents that filters alone leave, to be opened', async () => {
    const lease = documentSummary({ id: 'e', name: 'lease.pdf', format: 'pdf' });
    open({
      ...answers,
      'documents.list': () => [documentSummary(), lease],
      'documents.searchReading': (args) =>
        read(args, [], {
          ...{ text: '', filters, typed: typed.slice(0, 1), documents: 1, passing: ['e'] },
        }),
    });
    await type('type:pdf');
    expect(
      await screen.findByText('1 document passes these filters. Words find passages in it.'),
    ).toBeTruthy();
    expect(screen.getByRole('button', { name: 'lease.pdf' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'notes.md' })).toBeNull();
  });

  it('offers the values of a filter while it is typed, chosen by keyboard', async () => {
    const two = collection({ id: 'e', name: 'Court papers' });
    open({ ...answers, 'documents.collections': () => [collection(), two] });
    await type('rent in:cour');
    const field = await screen.findByRole('combobox', { name: 'Search in the documents' });
    const option = screen.getByRole('option', { name: /^Court papers/ });
    expect(field.getAttribute('aria-activedescendant')).toBe(option.id);
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect((field as HTMLInputElement).value).toBe('rent in:"Court papers" ');
    expect(screen.queryByRole('listbox')).toBeNull();
    // Escape closes the list first, and only then clears the search.
    await type('rent type:m');
    await fireEvent.keyDown(await screen.findByRole('combobox'), { key: 'Escape' });
    expect(screen.queryByRole('listbox')).toBeNull();
    expect((screen.getByRole('searchbox') as HTMLInputElement).value).toBe('rent type:m');
  });
});
