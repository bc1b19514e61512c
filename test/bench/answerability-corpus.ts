import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { RetrievedPassage } from '../../electron/documents/retrieve/index.ts';
import { setUpDocuments } from '../support/documents-setup.ts';
import { writeCorpus } from '../support/corpus/index.ts';

export interface CorpusPair {
  readonly question: string;
  readonly there: readonly RetrievedPassage[];
  /** The same search with the document that holds the planted fact left out: near misses stay. */
  readonly away: readonly RetrievedPassage[];
}

/** What the generated corpus's questions find, with and without the document that answers. */
export async function corpusPairs(most: number): Promise<readonly CorpusPair[]> {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-answerability-'));
  const files = join(folder, 'files');
  const manifest = await writeCorpus(files);
  const setup = setUpDocuments({ folder });
  try {
    const { collectionId } = await setup.add([files]);
    const list = await setup.documents.handlers['documents.list']({ collectionId });
    const ids = new Map(
      list.map(({ id, path }) => [path.slice(files.length + 1).replaceAll(sep, '/'), id]),
    );
    return manifest.questions.flatMap(({ question, file }): CorpusPair[] => {
      const documentId = ids.get(file);
      if (documentId === undefined) return [];
      const scope = { kind: 'all' } as const;
      const all = setup.documents.retriever.search(question, { scope, limit: most * 3 });
      const away = all.filter((hit) => hit.documentId !== documentId);
      return [{ question, there: all.slice(0, most), away: away.slice(0, most) }];
    });
  } finally {
    await setup.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
