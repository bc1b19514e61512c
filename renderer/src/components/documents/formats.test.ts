import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  DocumentCitation,
  DocumentPage,
  DocumentPart,
  DocumentSummary,
} from '../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../api.fake.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import { timestamp } from '../../i18n/index.ts';
import {
  appWith,
  documentPage,
  documentSummary,
  documentView,
  withoutLayout,
} from '../../samples.fake.ts';
import { linesOf } from './text-blocks.ts';
import Viewer from './Viewer.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

type Given = Partial<DocumentPage> & { readonly text: string };

/** Answers of a document made of these pages, as CORE gives them. */
function made(given: readonly Given[], over: Partial<DocumentSummary> = {}): FakeAnswers {
  let start = 0;
  const pages = given.map((page, index) => {
    const one = documentPage({ page: index + 1, start, ...page });
    start += page.text.length;
    return one;
  });
  const parts = pages.map(
    ({ page, kind, title, start: from, text, width, height }): DocumentPart => ({
      ...{ page, kind, title, start: from, width, height },
      ...{ characters: text.length, lines: linesOf(text).length },
    }),
  );
  return {
    'documents.view': () =>
      documentView({
        document: documentSummary({ pages: pages.length, ...over }),
        pageStarts: parts.map((part) => part.start),
      }),
    'documents.parts': () => parts,
    'documents.page': ({ page }) => pages[page - 1] ?? documentPage({ page }),
  };
}

function open(answers: FakeAnswers, props: Omit<Parameters<typeof Viewer>[1], 'documentId'> = {}) {
  const { context, fake, app } = appWith(answers);
  render(Viewer, { props: { documentId: 'd', ...props }, context });
  return { fake, app };
}

const marked = () =>
  waitFor(() => {
    const found = [...document.querySelectorAll('mark.cited')].map((mark) => mark.textContent);
    expect(found.length).toBeGreaterThan(0);
    return found;
  });

describe('a sheet', () => {
  const rows = Array.from(
    { length: 400 },
    (_, index) => `Item ${index}\t${index * 3}\tRoom ${index}`,
  );
  const text = `Name\tPrice\tPlace\n${rows.join('\n')}\n`;
  const sheet = (title: string, firstRow: number): Given => ({
    ...{ text, kind: 'sheet', title },
    blocks: [{ kind: 'table', start: 0, end: text.length, header: [0, 16], firstRow }],
  });
  const answers = made([sheet('Costs', 1), sheet('Rooms', 11)], { name: 'plan.xlsx' });
  const fact = 'Item 300\t900';

  it('opens the tab and the row of a citation, numbers it as the file does and marks its cells', async () => {
    const start = text.length + text.indexOf(fact);
    open(answers, { mark: { start, end: start + fact.length }, quote: fact });
    expect(await marked()).toEqual(['Item 300', '900']);
    expect(screen.getByRole('tab', { name: 'Rooms' }).getAttribute('aria-selected')).toBe('true');
    // Header in row 11 of the file, Item 0 in row 12.
    const row = screen.getByRole('row', { name: /^312 Item 300/ });
    expect(within(row).getByRole('rowheader').textContent).toBe('312');
    expect(screen.getByRole('columnheader', { name: 'Price' })).toBeTruthy();
    expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('401');
    expect(screen.getByLabelText('Chosen cell').textContent).toContain('Item 300');
  });

  it('holds only visible rows, and shows another sheet by its tab', async () => {
    open(answers);
    const tab = await screen.findByRole('tab', { name: 'Rooms' });
    await screen.findByRole('row', { name: /Item 0/ });
    expect(screen.getAllByRole('row').length).toBeLessThan(40);
    await fireEvent.keyDown(screen.getByRole('tab', { name: 'Costs' }), { key: 'ArrowRight' });
    expect(tab.getAttribute('aria-selected')).toBe('true');
    expect(await screen.findByRole('row', { name: /^12 Item 0/ })).toBeTruthy();
    expect(screen.getByText('400 rows')).toBeTruthy();
  });

  it('reads a sheet that comes in several parts as one', async () => {
    const next = { ...sheet('Costs', 402), text: 'Last\t1\tHere\n' };
    const start = text.length;
    open(
      made([
        sheet('Costs', 1),
        { ...next, blocks: [{ kind: 'table', start: 0, end: 11, firstRow: 402 }] },
      ]),
      { mark: { start, end: start + 4 }, quote: 'Last' },
    );
    expect(await marked()).toEqual(['Last']);
    expect(screen.getAllByRole('tab')).toHaveLength(1);
    expect(screen.getByRole('row', { name: /^402 Last/ })).toBeTruthy();
    expect(screen.getByText('401 rows')).toBeTruthy();
  });
});

describe('slides, messages, cells and chapters', () => {
  it('shows a slide by number and title, its notes apart', async () => {
    const text = 'Budget\n\nWe need 40 desks.\n\nSay hello first.\n';
    const notes = text.indexOf('Say');
    const blocks = [{ kind: 'notes' as const, start: notes, end: notes + 16 }];
    const page: Given = { text, kind: 'slide', title: 'Budget', blocks };
    const start = text.length + text.indexOf('40');
    open(made([page, page, page]), {
      wide: true,
      mark: { start, end: start + 8 },
      quote: '40 desks',
    });
    expect(await marked()).toEqual(['40 desks']);
    expect(screen.getByText('Slide 2')).toBeTruthy();
    expect(screen.getByText('Notes')).toBeTruthy();
    expect(screen.getByRole('textbox', { name: /^Slide/ })).toHaveProperty('value', '2');
    const list = screen.getByRole('navigation', { name: 'Slides' });
    await fireEvent.click(within(list).getByRole('button', { name: 'Slide 1: Budget' }));
    await waitFor(() => expect(screen.getByText('Slide 1')).toBeTruthy());
  });

  it('shows the date of a message as its reader writes dates, marked where it was found', async () => {
    const raw = '2024-03-15T09:30:00.000Z';
    const text = `From: Ana\nDate: ${raw}\n\nThe rent is 900 euros.\n`;
    const start = text.indexOf('2024');
    open(made([{ text, kind: 'message', title: null }]), { mark: { start, end: start + 4 } });
    const shown = await screen.findByTitle(raw);
    expect(shown.textContent?.trim()).toBe(timestamp(Date.parse(raw)));
    expect(shown.querySelector('mark')?.textContent).toBe(timestamp(Date.parse(raw)));
  });

  it('shows who wrote a message, when and about what, and marks within', async () => {
    const text =
      'From: Ana <ana@example.org>\nSubject: Lease\nDate: 3 March\n\nThe rent is 900 euros.\n';
    const start = text.indexOf('900');
    open(made([{ text, kind: 'message', title: 'Lease' }]), {
      ...{ mark: { start, end: start + 9 }, quote: '900 euros' },
    });
    expect(await marked()).toEqual(['900 euros']);
    const terms = screen.getAllByRole('term').map((term) => term.textContent);
    expect(terms).toEqual(['From', 'Subject', 'Date']);
    expect(screen.getAllByRole('definition')[0]?.textContent).toBe('Ana <ana@example.org>');
    expect(screen.getAllByText(/rent is/)).toHaveLength(1);
  });

  it('numbers the lines of code as the file does and marks across lines', async () => {
    const text = 'def pay(rent):\n    return rent * 12\n\nprint(pay(900))\n';
    const blocks = [
      { kind: 'code' as const, start: 0, end: text.length, firstLine: 20, name: 'pay' },
    ];
    const start = text.indexOf('return');
    open(made([{ text, kind: 'section', blocks }], { name: 'pay.py' }), {
      ...{ mark: { start, end: text.indexOf('(900') }, quote: 'x' },
    });
    const pieces = await marked();
    expect(pieces.join('').replaceAll(/\s/g, '')).toBe('returnrent*12print(pay');
    const numbers = [...document.querySelectorAll('.number')].map((one) => one.textContent);
    expect(numbers).toEqual(['20', '21', '22', '23']);
  });

  it('shows a table within a text as a table', async () => {
    const text = 'Costs\n\nItem\tPrice\nDesk\t40\n\nThat is all.\n';
    const start = text.indexOf('Item');
    const block = {
      kind: 'table' as const,
      start,
      end: start + 18,
      header: [start, start + 10] as const,
    };
    open(made([{ text, kind: 'section', blocks: [block] }]));
    expect(await screen.findByRole('columnheader', { name: 'Price' })).toBeTruthy();
    expect(screen.getByRole('cell', { name: '40' })).toBeTruthy();
    expect(screen.getByText('That is all.')).toBeTruthy();
  });
});

describe('a long text', () => {
  it('holds only the parts that are near, however many there are', async () => {
    const given = Array.from({ length: 3000 }, (_, index) => ({
      ...{ text: `Words of part ${index}.\n`, kind: 'section' as const },
    }));
    const start = given.slice(0, 2000).reduce((sum, { text }) => sum + text.length, 0);
    const { fake } = open(made(given), { mark: { start, end: start + 5 }, quote: 'Words' });
    expect(await marked()).toEqual(['Words']);
    expect(screen.getByText(/of part 2000/)).toBeTruthy();
    expect(document.querySelectorAll('section.part').length).toBeLessThan(20);
    const pages = fake.calls.filter(({ name }) => name === 'documents.page');
    expect(pages.length).toBeLessThan(20);
  });
});

describe('finding in a document', () => {
  const given: Given[] = [
    { text: 'The rent is due.\n', kind: 'section' },
    { text: 'A rent is paid, and rent again.\n', kind: 'section' },
  ];
  const spans = [
    { page: 1, start: 4, end: 8 },
    { page: 2, start: 19, end: 23 },
    { page: 2, start: 37, end: 41 },
  ];
  const answers: FakeAnswers = {
    ...made(given),
    'documents.find': ({ query }) =>
      query === 'rent' ? { spans, total: 3 } : { spans: [], total: 0 },
  };

  it('opens by key, counts, goes through all parts and marks the hit that is looked at', async () => {
    open(answers);
    await screen.findByText(/rent is due/);
    await fireEvent.keyDown(window, { key: 'f', ctrlKey: true });
    const field = await screen.findByRole('textbox', { name: 'Find' });
    await fireEvent.input(field, { target: { value: 'rent' } });
    expect(await screen.findByText('1 of 3')).toBeTruthy();
    await waitFor(() => expect(document.querySelector('mark.current')?.textContent).toBe('rent'));
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(await screen.findByText('2 of 3')).toBeTruthy();
    await waitFor(() => expect(document.querySelectorAll('mark.found')).toHaveLength(2));
    await fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
    expect(await screen.findByText('1 of 3')).toBeTruthy();
    await fireEvent.input(field, { target: { value: 'zebra' } });
    expect(await screen.findByText('Not found')).toBeTruthy();
    await fireEvent.keyDown(field, { key: 'Escape' });
    await waitFor(() => expect(document.querySelectorAll('mark')).toHaveLength(0));
    expect(screen.queryByRole('search')).toBeNull();
  });
});

describe('a quote and its file', () => {
  const quote = 'It is paid by transfer.';
  const answers = made([{ text: `The rent. ${quote}\n`, kind: 'section' }], {
    fileState: 'changed',
  });
  const props = { mark: { start: 10, end: 10 + quote.length }, quote, place: 'lines 3–4' };

  it('open-webui: says that a sentence is no longer in the file, and keeps its words', async () => {
    open(
      { ...answers, 'documents.locate': ({ start, end }) => ({ state: 'gone', start, end }) },
      props,
    );
    expect(await screen.findByText('This sentence is no longer in the file')).toBeTruthy();
    expect(screen.getByText(quote, { selector: 'q' })).toBeTruthy();
    expect(document.querySelector('mark')).toBeNull();
  });

  it('says which version the quote is from when the file has changed since', async () => {
    open(answers, props);
    expect(await marked()).toEqual([quote]);
    expect(screen.getByRole('status').textContent).toContain(
      'The quote is from the version read on March 4, which is shown here.',
    );
    expect(screen.getByText('lines 3–4')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Copy quote' })).toBeTruthy();
  });

  it('marks the sentence where it went', async () => {
    open({ ...answers, 'documents.locate': () => ({ state: 'moved', start: 0, end: 9 }) }, props);
    expect(await marked()).toEqual(['The rent.']);
  });

  it('shows the file in its folder, and says so when it is not there', async () => {
    const { fake, app } = open({
      ...answers,
      'shell.showDocument': () => {
        throw refusal('document-missing');
      },
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'Show file in folder' }));
    expect(fake.calls).toContainEqual({ name: 'shell.showDocument', args: { documentId: 'd' } });
    await waitFor(() => expect(app.toasts.list).toHaveLength(1));
  });
});

describe('cited in', () => {
  it('lists the sentences of all conversations and leads to them', async () => {
    const cited: DocumentCitation = {
      ...{ conversationId: 'k', conversationTitle: 'The lease', messageId: 'm' },
      ...{ sentence: 'Rent is due on the first.', createdAt: 0, stands: false },
      citation: {
        ...{ sourceNumber: 1, documentId: 'd', documentName: 'notes.md', page: null },
        ...{ heading: null, quote: 'due', start: 0, end: 3 },
        place: { kind: 'lines', number: null, name: null, rows: [3, 4] },
      },
    };
    const answers = made([{ text: 'due\n', kind: 'section' }]);
    const { app } = open({ ...answers, 'documents.citations': () => [cited] });
    await fireEvent.click(await screen.findByRole('button', { name: /Not cited|Cited/ }));
    const list = await screen.findByRole('region', { name: 'Cited in your conversations' });
    const line = await within(list).findByRole('button', { name: /Rent is due/ });
    expect(line.textContent).toContain('lines 3–4');
    expect(line.textContent).toContain('no longer in the file');
    await fireEvent.click(within(list).getByRole('button', { name: /The lease/ }));
    expect(app.router.conversationId).toBe('k');
    expect(app.chat.jumpTo).toBe('m');
  });
});
