import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeCorpus } from './corpus/index.ts';

/**
 * Writes the corpus of the recall test into a folder, to look at: `node test/support/make-corpus.ts DIR [SEED [WORDING]]`.
 * The manifest lies beside the files' folder, so that nothing reads it as a document.
 */
const [folder, seed, wording] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('node test/support/make-corpus.ts DIR [SEED [WORDING]]\n');
  process.exit(2);
}
const target = resolve(folder);
mkdirSync(join(target, 'files'), { recursive: true });
const manifest = await writeCorpus(
  join(target, 'files'),
  seed === undefined ? 6 : Number(seed),
  wording === '2' ? 2 : 1,
);
writeFileSync(join(target, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
process.stdout.write(
  `${manifest.files.length} files, ${manifest.questions.length} questions in ${target}\n`,
);
