import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setUpDocuments } from './documents-setup.ts';
import { writeCorpus } from './corpus/index.ts';

/**
 * Reads the corpus and the hostile files in a process of its own, so that its memory is its own:
 * `node test/support/ingest-child.ts FOLDER`. Prints one line of JSON (`IngestReport`).
 */
export interface IngestReport {
  /** Highest resident memory of the process, bytes, as the system counted it. */
  readonly peakBytes: number;
  /** The same before anything was read. */
  readonly idleBytes: number;
  readonly corpus: { readonly files: number; readonly ready: number; readonly failed: number };
  /** Null in a tree without the hostile set. */
  readonly hostile: {
    readonly files: number;
    /** Files whose state is neither ready nor failed, or other than the set demands. */
    readonly wrong: readonly string[];
  } | null;
  /** Whether a planted fact is still found after all of it. */
  readonly isFound: boolean;
}

interface Hostile {
  readonly name: string;
  readonly format: string;
  readonly make: () => Uint8Array;
  readonly ends: string | null;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('no folder given');

/**
 * Written with the readers; looked for, so that this works without it. Pictures are left out: no folder
 * gives any to be read while the recognition of text is off, which it is here.
 */
const hostileFile = join(import.meta.dirname, 'hostile-documents.ts');
const hostile = existsSync(hostileFile)
  ? (
      (await import(hostileFile)) as { readonly quickHostileDocuments: readonly Hostile[] }
    ).quickHostileDocuments.filter(({ format }) => format !== 'image')
  : null;

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
const files = join(folder, 'files');
const manifest = await writeCorpus(files);
const nameOf = ({ format }: Hostile, index: number): string =>
  `hostile-${String(index).padStart(3, '0')}.${format === 'code' ? 'py' : format}`;
mkdirSync(join(files, 'hostile'), { recursive: true });
hostile?.forEach((each, index) => {
  writeFileSync(join(files, 'hostile', nameOf(each, index)), each.make());
});

const setup = setUpDocuments({ folder });
const idleBytes = peakBytes();
const { collectionId } = await setup.add([files]);
const list = await setup.documents.handlers['documents.list']({ collectionId });
const ofHostile = new Map(
  list.filter(({ name }) => name.startsWith('hostile-')).map((each) => [each.name, each]),
);
const own = list.filter(({ name }) => !ofHostile.has(name));
const wrong = (hostile ?? []).flatMap((each, index) => {
  const found = ofHostile.get(nameOf(each, index));
  const state = found?.state ?? 'missing';
  const ended = state === 'ready' ? 'read' : (found?.error?.code ?? state);
  const isRight =
    (state === 'ready' || state === 'failed') && (each.ends === null || each.ends === ended);
  return isRight ? [] : [`${each.format}: ${each.name}: ${ended}`];
});
const [question] = manifest.questions;
const isFound = setup.documents.retriever
  .search(question?.question ?? '', { scope: { kind: 'all' }, limit: 5 })
  .some(({ text }) => text.includes(question?.span ?? '?'));
const report: IngestReport = {
  peakBytes: peakBytes(),
  idleBytes,
  corpus: {
    files: manifest.files.length,
    ready: own.filter(({ state }) => state === 'ready').length,
    failed: own.filter(({ state }) => state === 'failed').length,
  },
  hostile: hostile === null ? null : { files: hostile.length, wrong },
  isFound,
};
await setup.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
