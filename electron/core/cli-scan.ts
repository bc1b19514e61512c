import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { ErrorShape, FoundFile } from '../ipc/contract/index.ts';
import { mebibytes, notInDocuments, ok } from './cli-commands.ts';
import type { Run } from './cli-commands.ts';
import { explain } from './cli-errors.ts';

interface Outcome {
  readonly file: FoundFile;
  readonly state: 'found' | 'known' | 'added' | 'failed';
  readonly modelId: string | null;
  readonly error: ErrorShape | null;
}

const tools = {
  lmstudio: 'LM Studio',
  ollama: 'Ollama',
  huggingface: 'Hugging Face cache',
  folder: 'folder',
} as const;

/**
 * `quarry models scan FOLDER [--add]`, `quarry models add FOLDER`: what lies there, and adds what is
 * new where it lies. A file that is broken says why and does not stop the rest; then the exit status
 * is 1. Throws AppError.
 */
export async function scanFolder(run: Run, adds: boolean): Promise<number> {
  const { core, request, out, signal } = run;
  const folder = resolve(request.subject);
  if ((await stat(folder).catch(() => null)) === null) {
    throw new AppError('document-missing', 'no such folder', { detail: { file: folder } });
  }
  // The library is ready once it was asked for.
  await core.handlers['models.list']({});
  const { models, isCut } = await core.handlers['models.scan']({ paths: [folder] });
  const outcomes: Outcome[] = [];
  for (const file of models) {
    if (signal.aborted) throw new AppError('cancelled', 'stopped');
    out.progress(adds ? `${outcomes.length + 1} of ${models.length}: ${file.name}` : null);
    outcomes.push(await one(run, file, adds));
  }
  out.progress(null);
  const results = outcomes.map(({ file, ...rest }) => ({ ...file, ...rest }));
  out.object({ models: results, isCut });
  for (const outcome of outcomes) out.print(`${line(outcome)}\n`);
  if (models.length === 0) out.note('no model files (GGUF) lie there');
  if (isCut) out.note('more lies there than is looked at; name a smaller folder');
  if (models.length === 0) return notInDocuments;
  return outcomes.some(({ state }) => state === 'failed') ? 1 : ok;
}

async function one({ core }: Run, file: FoundFile, adds: boolean): Promise<Outcome> {
  if (file.knownAs !== null) return { file, state: 'known', modelId: null, error: null };
  if (!adds) return { file, state: 'found', modelId: null, error: null };
  try {
    const { modelId } = await core.handlers['models.addFound']({ paths: [file.path] });
    return { file, state: 'added', modelId, error: null };
  } catch (error) {
    return { file, state: 'failed', modelId: null, error: toErrorShape(error) };
  }
}

function line({ file, state, error }: Outcome): string {
  const word = { found: 'new', known: 'there', added: 'added', failed: 'failed' }[state];
  const where = file.repository ?? tools[file.tool];
  const facts = `${word.padEnd(7)} ${file.name}, ${mebibytes(file.bytes)}, ${where}`;
  const rest = {
    found: '',
    known: `\n        as ${file.knownAs ?? ''}`,
    added: '',
    failed: error === null ? '' : `\n        ${explain(error, file.name)}`,
  }[state];
  return `${facts}\n        ${file.path}${rest}`;
}
