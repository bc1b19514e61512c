import { basename, resolve } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import type { CatalogEntry, Model, ModelCatalog } from '../ipc/contract/index.ts';
import { UsageError } from './cli-errors.ts';
import { mebibytes, ok } from './cli-commands.ts';
import type { Run } from './cli-commands.ts';

/** `quarry models …`: the models of the profile, and which Granite models fit. Throws AppError. */
export function models(run: Run): Promise<number> {
  return { list, add, remove, fit }[run.request.action](run);
}

async function list({ core, out }: Run): Promise<number> {
  const known = await core.handlers['models.list']({});
  out.object({ models: known.map(modelFacts) });
  for (const model of known) out.print(`${modelLine(model)}\n`);
  return ok;
}

const modelFacts = (model: Model) => ({
  id: model.id,
  name: model.name,
  path: model.path,
  origin: model.origin,
  bytes: model.bytes,
  sha256: model.sha256,
  architecture: model.header.architecture,
  parameters: model.header.parameters,
  quantization: model.header.quantization,
  contextLimit: model.contextLimit,
  plannedContext: model.plannedContext,
  predictedBytes: model.predictedBytes,
  missing: model.missing,
  isShape: model.header.isShape === true,
});

function modelLine(model: Model): string {
  const { header } = model;
  const facts = [
    header.quantization,
    mebibytes(model.bytes),
    `context up to ${model.contextLimit}`,
    `about ${mebibytes(model.predictedBytes)} at ${model.plannedContext}`,
    ...(header.isShape === true ? ['random weights, for measuring only'] : []),
    model.missing ? 'the file is gone' : model.path,
  ];
  return `${model.name} (${model.id})\n    ${facts.join(', ')}`;
}

/** Adds a file in place and waits until it is hashed, so that the same file is not added twice. */
async function add({ core, request, out, signal }: Run): Promise<number> {
  const path = resolve(request.subject);
  const { modelId, taskId } = await core.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  const stop = (): void => void core.handlers['tasks.cancel']({ taskId });
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const { event } of core.streams.task({ taskId, after: 0 }, signal)) {
      if (event.type === 'progress') {
        const { done, total } = event.task;
        out.progress(`${basename(path)}: ${total > 0 ? Math.round((done / total) * 100) : 0} %`);
      } else if (event.type === 'failed') {
        const { code, message, detail } = event.error;
        throw new AppError(code, message, detail === undefined ? {} : { detail });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    out.progress(null);
  }
  if (signal.aborted) throw new AppError('cancelled', 'stopped');
  const model = (await core.handlers['models.list']({})).find(({ id }) => id === modelId);
  if (model === undefined) throw new AppError('not-found', 'the model went away again');
  out.object({ model: modelFacts(model) });
  out.print(`${modelLine(model)}\n`);
  return ok;
}

async function remove({ core, request, out }: Run): Promise<number> {
  const known = await core.handlers['models.list']({});
  const wanted = request.subject;
  const meant =
    known.filter(({ id }) => id === wanted).length > 0
      ? known.filter(({ id }) => id === wanted)
      : known.filter(({ name }) => name === wanted);
  if (meant.length > 1) throw new UsageError(`several models are called "${wanted}"; give the id`);
  const [model] = meant;
  if (model === undefined) throw new AppError('not-found', 'no such model');
  await core.handlers['models.remove']({ modelId: model.id });
  out.object({ removed: model.id, deletedFile: model.origin === 'copied' });
  const rest = model.origin === 'copied' ? 'its copy is deleted' : 'the file was not touched';
  out.print(`${model.name} removed; ${rest}\n`);
  return ok;
}

async function fit({ core, request, out }: Run): Promise<number> {
  const catalog = await core.handlers['models.catalog']({
    // A person at a terminal asks for one conversation; the app's own default serves several.
    sessions: request.sessions ?? 1,
    ...(request.context !== null && { context: request.context }),
    ...(request.memory !== null && { memory: Math.round(request.memory * 1024 ** 3) }),
  });
  out.object({ catalog });
  out.print(`${machineLine(catalog)}\n`);
  for (const entry of catalog.entries) {
    if (entry.use !== 'chat' || entry.variant !== 'instruct') continue;
    out.print(`${entryLine(entry, catalog)}\n`);
  }
  return ok;
}

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

function machineLine({ machine, context, sessions }: ModelCatalog): string {
  const at = `${context} tokens, ${sessions} conversation${sessions === 1 ? '' : 's'} at once`;
  return `${gibibytes(machine.total)} of memory, ${gibibytes(machine.available)} free; at ${at}:`;
}

function entryLine(entry: CatalogEntry, catalog: ModelCatalog): string {
  if (entry.state === 'announced') return `  -        ${entry.name}: announced, not published`;
  const { best } = entry;
  if (best === null) return `  ?        ${entry.name}: its memory is not known`;
  const word = { fits: 'fits', shorter: 'shorter', no: 'too big' }[best.verdict].padEnd(8);
  const size = `${best.bytesSource === 'pinned' ? '' : 'about '}${gibibytes(best.bytes)}`;
  const mark = catalog.pick === entry.id ? '*' : ' ';
  const needs = `${gibibytes(best.predicted.total)} at ${best.context} tokens`;
  return `${mark} ${word} ${entry.name} ${best.quantization}: file ${size}, memory ${needs}`;
}
