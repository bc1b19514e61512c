import type { DocumentSummary } from '../../../../electron/ipc/contract/index.ts';

export const listFilters = ['all', 'ready', 'failed', 'changed', 'busy'] as const;
export type ListFilter = (typeof listFilters)[number];
export const listColumns = ['name', 'state', 'format', 'pages', 'bytes', 'readAt'] as const;
export type ListColumn = (typeof listColumns)[number];

/** How a list of documents is looked at. */
export interface ListLook {
  readonly filter: ListFilter;
  /** Part of a name. */
  readonly name: string;
  readonly column: ListColumn;
  readonly descending: boolean;
}

export const plainLook: ListLook = { filter: 'all', name: '', column: 'name', descending: false };

/** What a person would call the state of a document and its file. */
export type ShownState = DocumentSummary['state'] | 'changed' | 'gone';

/** Never read because a person stopped it: itself, or the folder that it waits in. */
export function isStopped(
  { state, collectionId }: DocumentSummary,
  held: ReadonlySet<string>,
): boolean {
  return state === 'stopped' || (state === 'waiting' && held.has(collectionId));
}

/** `held`: collections whose documents wait until a person goes on. */
export function stateOf(document: DocumentSummary, held: ReadonlySet<string>): ShownState {
  if (isStopped(document, held)) return 'stopped';
  const { state, fileState } = document;
  return state === 'ready' && (fileState === 'changed' || fileState === 'gone') ? fileState : state;
}

/** What needs a person first. */
const order: readonly ShownState[] = [
  ...(['failed', 'stopped', 'gone', 'changed'] as const),
  ...(['reading', 'waiting', 'ready'] as const),
];

const passes: Readonly<Record<ListFilter, (state: ShownState) => boolean>> = {
  all: () => true,
  ready: (state) => state === 'ready',
  failed: (state) => state === 'failed' || state === 'stopped',
  changed: (state) => state === 'changed' || state === 'gone',
  busy: (state) => state === 'waiting' || state === 'reading',
};

/** The documents as they are listed. Equal ones stand by name, numbers in names by their size. */
export function listed(
  documents: readonly DocumentSummary[],
  look: ListLook,
  locale: string,
  held: ReadonlySet<string> = new Set(),
): readonly DocumentSummary[] {
  const names = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const part = look.name.trim().toLowerCase();
  const direction = look.descending ? -1 : 1;
  const compare = (a: DocumentSummary, b: DocumentSummary): number => {
    switch (look.column) {
      case 'name':
        return names.compare(a.name, b.name);
      case 'state':
        return order.indexOf(stateOf(a, held)) - order.indexOf(stateOf(b, held));
      case 'format':
        return names.compare(a.format, b.format);
      default:
        return (a[look.column] ?? 0) - (b[look.column] ?? 0);
    }
  };
  return documents
    .filter((one) => passes[look.filter](stateOf(one, held)))
    .filter(({ name }) => part === '' || name.toLowerCase().includes(part))
    .sort((a, b) => direction * compare(a, b) || names.compare(a.name, b.name));
}
