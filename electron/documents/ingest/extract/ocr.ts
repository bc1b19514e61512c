import { spawn } from 'node:child_process';
import type { PageSpan } from '../../../ipc/contract/index.ts';
import { cleanText, needsOcr } from './extracted.ts';
import type { Beat } from './extracted.ts';

/** How pictures of text are read. */
export interface OcrFacts {
  /** Absolute path of the program, null where none was found. */
  readonly command: string | null;
  /** Names of its language packs, joined by '+'. */
  readonly languages: string;
}

/** Text of a picture with the place of each word in pixels from the top left. */
export interface Recognised {
  readonly text: string;
  readonly words: readonly PageSpan[];
}

const pageMs = 120_000;
const mostOutput = 8 * 1024 * 1024;
const memoryKiB = 1_500_000;
const beatMs = 2000;
/** Below this the program itself takes a word for a guess (0 to 100). */
const leastSure = 20;

/**
 * Reads one picture with the system's Tesseract in a process of its own: one thread, limited memory and time,
 * the picture through a pipe, nothing written. Throws 'document-needs-ocr' with the reason.
 */
export async function recognise(
  picture: Uint8Array,
  { command, languages }: OcrFacts,
  beat: Beat,
  dpi: number | null = null,
): Promise<Recognised> {
  if (command === null) throw needsOcr({ reason: 'missing' });
  if (!/^\w+(?:\+\w+)*$/.test(languages)) throw needsOcr({ reason: 'language', languages });
  const resolution = dpi === null ? [] : ['--dpi', String(Math.round(dpi))];
  const args = ['stdin', 'stdout', '-l', languages, ...resolution, 'tsv'];
  const { code, output, complaint } = await run(command, args, picture, beat);
  if (code !== 0) {
    const language = /Failed loading language|Error opening data file/.test(complaint);
    throw needsOcr(language ? { reason: 'language', languages } : { reason: 'failed' });
  }
  return wordsOf(output);
}

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
}

function run(
  command: string,
  args: readonly string[],
  input: Uint8Array,
  beat: Beat,
): Promise<Run> {
  const limited = process.platform === 'linux' || process.platform === 'darwin';
  // The shell only sets the limit and then becomes the program.
  const line = limited
    ? ['/bin/sh', '-c', `ulimit -v ${memoryKiB} 2>/dev/null; exec "$0" "$@"`, command, ...args]
    : [command, ...args];
  return new Promise((resolve) => {
    const child = spawn(line[0] ?? command, line.slice(1), {
      env: { OMP_THREAD_LIMIT: '1', PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const parts: Buffer[] = [];
    let size = 0;
    let complaint = '';
    const late = setTimeout(() => child.kill('SIGKILL'), pageMs);
    const beating = setInterval(beat, beatMs);
    const end = (code: number | null): void => {
      clearTimeout(late);
      clearInterval(beating);
      resolve({ code, output: Buffer.concat(parts).toString('utf8'), complaint });
    };
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > mostOutput) child.kill('SIGKILL');
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      if (complaint.length < 10_000) complaint += part.toString('latin1');
    });
    child.on('error', () => end(null)).on('close', end);
    // A program that ends early closes its end of the pipe: its status says why.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Rows of the program's table: level, page, block, paragraph, line, word, left, top, width, height, sureness, text. */
function wordsOf(table: string): Recognised {
  let text = '';
  const words: PageSpan[] = [];
  let before = '';
  for (const row of table.split('\n').slice(1)) {
    const cells = row.split('\t');
    const [level, , block, paragraph, line] = cells;
    const word = cleanText(cells[11] ?? '').trim();
    if (level !== '5' || word === '' || Number(cells[10]) < leastSure) continue;
    const [left = 0, top = 0, width = 0, height = 0] = cells.slice(6, 10).map(Number);
    const place = `${block}.${paragraph}`;
    if (text !== '')
      text += before === `${place}.${line}` || before.startsWith(`${place}.`) ? ' ' : '\n\n';
    before = `${place}.${line}`;
    words.push([text.length, text.length + word.length, left, top, width, height]);
    text += word;
  }
  return { text, words };
}
