import type { Migration } from '../migrate.ts';
import { firstLight } from './0001-first-light.ts';
import { proofs } from './0002-proofs.ts';
import { downloads } from './0003-downloads.ts';
import { libraryPlace } from './0004-library-place.ts';
import { origins } from './0005-origins.ts';
import { memoryTruth } from './0006-memory-truth.ts';
import { hubFiles } from './0009-hub-files.ts';
import { loadOptions } from './0010-load-options.ts';
import { messageTokens } from './0011-message-tokens.ts';
import { engineOptions } from './0012-engine-options.ts';
import { backends } from './0013-backends.ts';
import { toolSteps } from './0014-tool-steps.ts';
import { wholeDocuments } from './0015-whole-documents.ts';
import { documentParts } from './0016-document-parts.ts';
import { searchIndex } from './0017-search-index.ts';
import { watchedFolders } from './0018-watched-folders.ts';
import { answering } from './0019-answering.ts';
import { seeing } from './0020-seeing.ts';
import { vectors } from './0022-vectors.ts';
import { rewriteTests } from './0023-rewrite-tests.ts';
import { growingAnswers } from './0025-growing-answers.ts';
import { bulkIndex } from './0026-bulk-index.ts';
import { passagesByDocument } from './0027-passages-by-document.ts';
import { mergingInTurns } from './0029-merging-in-turns.ts';
import { recognisedPages } from './0030-recognised-pages.ts';
import { newAnswers } from './0031-new-answers.ts';
import { stoppedDocuments } from './0032-stopped-documents.ts';

/** Every step of the schema in the order it is applied. A released step is never edited: add a new one. */
export const migrations: readonly Migration[] = [
  firstLight,
  proofs,
  downloads,
  libraryPlace,
  origins,
  memoryTruth,
  hubFiles,
  loadOptions,
  messageTokens,
  engineOptions,
  backends,
  toolSteps,
  wholeDocuments,
  documentParts,
  searchIndex,
  watchedFolders,
  answering,
  seeing,
  vectors,
  rewriteTests,
  growingAnswers,
  bulkIndex,
  passagesByDocument,
  mergingInTurns,
  recognisedPages,
  newAnswers,
  stoppedDocuments,
];
