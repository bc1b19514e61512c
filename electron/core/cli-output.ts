import type { Place } from '../ipc/contract/index.ts';

/** Where a command writes. Results go to stdout alone; everything else to stderr. */
export interface Output {
  readonly json: boolean;
  /** Text of the result; nothing under --json. */
  print(text: string): void;
  /** The one object of --json; nothing without it. */
  object(value: unknown): void;
  /** A line about the result, on stderr. */
  note(text: string): void;
  /** `quarry: …` on stderr. */
  problem(text: string): void;
  /** A line of progress where no terminal shows the moving one: on stderr, never on a terminal. */
  aside(text: string): void;
  /** Replaces the line of progress; shown on a terminal only. null clears it. */
  progress(text: string | null): void;
}

export interface OutputStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Names and texts come from files: control characters, which could steer a terminal, are shown as
 * spaces; line breaks and tabs stay.
 */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ');
}

export function createOutput(stdout: OutputStream, stderr: OutputStream, json: boolean): Output {
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[K');
    shown = false;
  };
  return {
    json,
    print: (text) => {
      if (json) return;
      clear();
      stdout.write(plain(text));
    },
    object: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (text) => {
      clear();
      stderr.write(`${plain(text)}\n`);
    },
    problem: (text) => {
      clear();
      stderr.write(`quarry: ${plain(text)}\n`);
    },
    aside: (text) => {
      if (stderr.isTTY !== true) stderr.write(`${plain(text)}\n`);
    },
    progress: (text) => {
      if (stderr.isTTY !== true) return;
      clear();
      if (text === null) return;
      stderr.write(plain(text).slice(0, 78));
      shown = true;
    },
  };
}

/** What is shown with a place: a citation or a hit. */
export interface PlacedAt {
  readonly place?: Place | null;
  readonly page: number | null;
  readonly heading: string | null;
}

/** "page 3", "slide 4", "sheet Costs, rows 5–9", "lines 20–41"; a page or heading where no place was kept; '' for nothing. */
export function placeWords({ place, page, heading }: PlacedAt): string {
  const words = place ? wordsOf(place) : '';
  if (words !== '') return words;
  return page === null ? (heading ?? '') : `page ${page}`;
}

function wordsOf({ kind, number, name, rows }: Place): string {
  const range = (what: string): string => {
    if (rows === undefined) return '';
    return rows[0] === rows[1] ? `${what} ${rows[0]}` : `${what}s ${rows[0]}–${rows[1]}`;
  };
  if (kind === 'lines') return range('line');
  if (kind === 'section') return range('line') || (name ?? '');
  if (kind === 'sheet' || kind === 'chapter') {
    const called = name ?? number;
    const part = called === null ? '' : `${kind} ${called}`;
    return part === '' ? '' : [part, range('row')].filter(Boolean).join(', ');
  }
  return number === null ? (name ?? '') : `${kind} ${number}`;
}
