import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpDocuments } from '../../support/documents-setup.ts';
import { askAll, byFile, filesOf, isRead } from '../../support/corpus/ask.ts';
import type { Answered } from '../../support/corpus/ask.ts';
import { writeCorpus } from '../../support/corpus/index.ts';
import type { Question } from '../../support/corpus/index.ts';

const asked = 10;

/**
 * Recall of planted facts in the generated corpora of some seeds, in both wordings: in all, by language, by format.
 * The ranking's constants were chosen with seed 6 in the first wording in view.
 */
export async function measureCorpora(seeds: readonly number[]): Promise<void> {
  console.log('\nplanted facts; seed 6 in wording 1 was in view when the ranking was made');
  const formats = new Map<string, (Answered | undefined)[]>();
  for (const wording of [1, 2] as const) {
    for (const seed of seeds) {
      const { answers, inConversation } = await ask(seed, wording);
      const all = [...answers];
      console.log(
        `seed ${seed}, wording ${wording}`.padEnd(22) + share(all.map(([, each]) => each)),
      );
      console.log('  in a conversation'.padEnd(22) + share([...inConversation.values()]));
      for (const language of ['en', 'es', 'ko']) {
        const own = all.filter(([question]) => question.language === language);
        console.log(`  ${language}`.padEnd(22) + share(own.map(([, each]) => each)));
      }
      for (const [{ format }, each] of all) {
        formats.set(format, [...(formats.get(format) ?? []), each]);
      }
    }
  }
  console.log('by format, all seeds and wordings');
  for (const [format, each] of formats) console.log(`  ${format}`.padEnd(22) + share(each));
}

type Answers = ReadonlyMap<Question, Answered | undefined>;

async function ask(
  seed: number,
  wording: 1 | 2,
): Promise<{ readonly answers: Answers; readonly inConversation: Answers }> {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-corpus-'));
  const files = filesOf(folder);
  const { questions } = await writeCorpus(files, seed, wording);
  const setup = setUpDocuments({ folder });
  try {
    const { collectionId } = await setup.add([files]);
    const list = await setup.documents.handlers['documents.list']({ collectionId });
    const read = questions.filter(({ file }) => isRead(file));
    const found = (inConversation: boolean): Answers => {
      const answers = askAll(setup, read, byFile(list, files), asked, inConversation);
      return new Map(read.map((question) => [question, answers.get(question)]));
    };
    return { answers: found(false), inConversation: found(true) };
  } finally {
    await setup.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function share(answers: readonly (Answered | undefined)[]): string {
  const at = (most: number): string =>
    (
      answers.filter((each) => each !== undefined && each.rank < most).length / answers.length
    ).toFixed(3);
  return `R@1 ${at(1)} @3 ${at(3)} @5 ${at(5)} @10 ${at(10)}  (${answers.length} questions)`;
}
