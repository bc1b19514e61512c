import { basename, resolve } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import type {
  CatalogEntry,
  ExpectedSpeed,
  MachineSpeed,
  Model,
  ModelCatalog,
} from '../ipc/contract/index.ts';
import { UsageError } from './cli-errors.ts';
import { mebibytes, ok } from './cli-commands.ts';
import type { Run } from './cli-commands.ts';
import type { Core } from './compose.ts';

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
});

function modelLine(model: Model): string {
  const { header } = model;
  const facts = [
    header.quantization,
    mebibytes(model.bytes),
    `context up to ${model.contextLimit}`,
    `about ${mebibytes(model.predictedBytes)} at ${model.plannedContext}`,
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
  // Unknown where it cannot be measured: what fits is told all the same.
  if (request.memory === null) await measured(core);
  // Without --sessions as many as the window serves at once, so that both say the same.
  const catalog = await core.handlers['models.catalog']({
    ...(request.sessions !== null && { sessions: request.sessions }),
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

async function measured(core: Core): Promise<void> {
  try {
    await core.handlers['models.measure']({});
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

function machineLine({ machine, context, sessions }: ModelCatalog): string {
  const at = `${context} tokens, ${sessions} conversation${sessions === 1 ? '' : 's'} at once`;
  const memory = `${gibibytes(machine.total)} of memory, ${gibibytes(machine.available)} free`;
  return `${memory}${speedWords(machine.speed ?? null)}; at ${at}:`;
}

function speedWords(speed: MachineSpeed | null): string {
  if (speed === null) return '';
  const { bandwidth, graphics } = speed;
  const day = new Date(bandwidth.at).toISOString().slice(0, 10);
  const read = `${(bandwidth.all / 1e9).toFixed(1)} GB/s read by ${bandwidth.threads} threads (measured ${day})`;
  if (graphics === null) return `, ${read}`;
  const { devices, total, backend } = graphics;
  return `, ${read}, ${devices.join(' + ')} with ${gibibytes(total)} (${backend})`;
}

/** "about 9 to 14 tokens a second", or nothing where it cannot be told. */
function tokensWords(speed: ExpectedSpeed | null | undefined): string {
  if (!speed) return '';
  const figure = (value: number): string =>
    value < 10 ? value.toPrecision(2).replace(/\.0$/, '') : String(Math.round(value));
  return `, about ${figure(speed.low)} to ${figure(speed.high)} tokens a second`;
}

function entryLine(entry: CatalogEntry, catalog: ModelCatalog): string {
  if (entry.state === 'announced') return `  -        ${entry.name}: announced, not published`;
  const { best } = entry;
  if (best === null) return `  ?        ${entry.name}: its memory is not known`;
  const word = { fits: 'fits', shorter: 'shorter', no: 'too big' }[best.verdict].padEnd(8);
  const size = `${best.bytesSource === 'pinned' ? '' : 'about '}${gibibytes(best.bytes)}`;
  const mark = catalog.pick === entry.id ? '*' : ' ';
  const needs = `${gibibytes(best.predicted.total)} at ${best.context} tokens`;
  const line = `${mark} ${word} ${entry.name} ${best.quantization}: file ${size}, memory ${needs}`;
  if (best.verdict === 'no') {
    return `${line}; needs ${gibibytes(best.needed)} free, can have ${gibibytes(catalog.machine.capacity)}`;
  }
  return `${line}${tokensWords(best.speed)}`;
}
