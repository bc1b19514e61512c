import { resolve } from 'node:path';
import { AppError, fromErrorShape, toErrorShape } from '../ipc/app-error.ts';
import type { Leftover, Model, StorageKind } from '../ipc/contract/index.ts';
import { mebibytes, ok } from './cli-commands.ts';
import type { Run } from './cli-commands.ts';
import { explain, UsageError } from './cli-errors.ts';
import type { Core } from './compose.ts';

/** As the rest of the command line says it, and large ones in GiB. */
const sizeOf = (bytes: number): string =>
  bytes < 1024 ** 3 ? mebibytes(bytes) : `${(bytes / 1024 ** 3).toFixed(2)} GiB`;

/** Exit status of `models check` where a file is not what it was. */
const changed = 5;

/** `quarry models check|disk|clean|move`: the library's life on the disk. */
export const diskCommands = { check, disk, clean, move };

/** The model of that id or name. Throws 'not-found', UsageError where several have the name. */
export async function findModel(core: Core, wanted: string): Promise<Model> {
  const known = await core.handlers['models.list']({});
  const byId = known.filter(({ id }) => id === wanted);
  const meant = byId.length > 0 ? byId : known.filter(({ name }) => name === wanted);
  if (meant.length > 1) throw new UsageError(`several models are called "${wanted}"; give the id`);
  const [model] = meant;
  if (model === undefined)
    throw new AppError('not-found', 'no such model', { detail: { model: wanted } });
  return model;
}

/** Shows a task's progress until it ends; Ctrl+C stops it. Throws its error, 'cancelled'. */
export async function follow(
  { core, out, signal }: Pick<Run, 'core' | 'out' | 'signal'>,
  taskId: string,
  label: string,
): Promise<void> {
  const stop = (): void => void core.handlers['tasks.cancel']({ taskId });
  signal.addEventListener('abort', stop, { once: true });
  try {
    // Read to its own end: a stop ends the task, and what it undoes is waited for.
    const reading = new AbortController().signal;
    for await (const { event } of core.streams.task({ taskId, after: 0 }, reading)) {
      if (event.type === 'progress') {
        const { done, total } = event.task;
        out.progress(`${label}: ${total > 0 ? Math.round((done / total) * 100) : 0} %`);
      } else if (event.type === 'failed') throw fromErrorShape(event.error);
      else if (event.type === 'stopped') throw new AppError('cancelled', 'stopped');
    }
  } finally {
    signal.removeEventListener('abort', stop);
    out.progress(null);
  }
  if (signal.aborted) throw new AppError('cancelled', 'stopped');
}

async function check(run: Run): Promise<number> {
  const { core, request, out } = run;
  const known =
    request.subject === ''
      ? await core.handlers['models.list']({})
      : [await findModel(core, request.subject)];
  const results: { id: string; name: string; result: 'same' | 'changed' | 'missing' | 'failed' }[] =
    [];
  for (const { id, name, missing } of known) {
    let result: (typeof results)[number]['result'] = 'missing';
    let why = 'the file is not there';
    if (!missing) {
      try {
        const { taskIds } = await core.handlers['models.checkAll']({ modelIds: [id] });
        for (const taskId of taskIds) await follow(run, taskId, name);
        const { proof } = await core.handlers['models.proof']({ modelId: id });
        result = proof.changedSince === null ? 'same' : 'changed';
        why =
          proof.changedSince === null
            ? 'the same bytes as before'
            : `CHANGED, seen ${new Date(proof.changedSince).toISOString()}; get the file again`;
      } catch (error) {
        const shape = toErrorShape(error);
        if (shape.code === 'cancelled') throw error;
        result = 'failed';
        why = explain(shape);
      }
    }
    results.push({ id, name, result });
    out.print(`${name} (${id}): ${why}\n`);
  }
  out.object({ checked: results });
  return results.every(({ result }) => result === 'same') ? ok : changed;
}

const kinds: Readonly<Record<StorageKind, string>> = {
  models: 'models',
  downloads: 'downloads and copies under way',
  quarantined: 'downloads with wrong bytes, set aside',
  leftovers: 'leftovers (quarry models clean)',
  documents: 'copies of documents',
  database: 'database',
  backups: 'backups of the database',
  states: 'saved states of models',
  rest: 'window and logs',
};

async function disk({ core, out }: Run): Promise<number> {
  const storage = await core.handlers['models.storage']({});
  out.object({ storage });
  const room =
    storage.free === null || !storage.isThere
      ? 'that disk is not there'
      : `${sizeOf(storage.free)} free on that disk`;
  out.print(`The models are in ${storage.folder}; ${room}\n`);
  for (const { kind, bytes } of storage.parts) {
    out.print(`${sizeOf(bytes).padStart(12)}  ${kinds[kind]}\n`);
  }
  out.print('Each model:\n');
  for (const { name, modelId, bytes, frees, isMissing } of storage.models) {
    const gives = frees > 0 ? `removing it frees ${sizeOf(frees)}` : 'removing it frees nothing';
    const size = isMissing ? 'missing' : sizeOf(bytes);
    out.print(`${size.padStart(12)}  ${name} (${modelId}): ${gives}\n`);
  }
  return ok;
}

const leftoverWords: Readonly<Record<Leftover['kind'], string>> = {
  import: 'copy that was cut off',
  move: 'move that was cut off',
  download: 'download that was given up',
  quarantine: 'download with wrong bytes',
  model: 'model that is not in the list',
  foreign: 'not made by Quarry: stays',
};

async function clean({ core, request, out }: Run): Promise<number> {
  const { leftovers, folder } = await core.handlers['models.storage']({});
  for (const { name, bytes, kind } of leftovers) {
    out.print(`${sizeOf(bytes).padStart(12)}  ${name}: ${leftoverWords[kind]}\n`);
  }
  const names = leftovers.filter(({ kind }) => kind !== 'foreign').map(({ name }) => name);
  if (request.dryRun) {
    out.object({ folder, leftovers });
    out.print(`${names.length} would be deleted from ${folder}\n`);
    return ok;
  }
  const gone = await core.handlers['models.clean']({ names });
  out.object({ folder, leftovers, ...gone });
  out.print(`${gone.removed} deleted from ${folder}, ${sizeOf(gone.bytes)} freed\n`);
  return ok;
}

async function move(run: Run): Promise<number> {
  const { core, request, out } = run;
  const { taskId } = await core.handlers['models.move']({ paths: [resolve(request.subject)] });
  await follow(run, taskId, 'moving the models');
  const { folder } = await core.handlers['models.storage']({});
  out.object({ folder });
  out.print(`The models are in ${folder} now\n`);
  return ok;
}
