import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import type {
  CatalogEntry,
  ExpectedSpeed,
  MachineSpeed,
  Model,
  ModelCatalog,
} from '../ipc/contract/index.ts';
import { mebibytes, ok } from './cli-commands.ts';
import type { Run } from './cli-commands.ts';
import { diskCommands, findModel, follow } from './cli-disk.ts';
import { download } from './cli-download.ts';
import { scanFolder } from './cli-scan.ts';
import type { Core } from './compose.ts';

/** `quarry models …`: the models of the profile, and which Granite models fit. Throws AppError. */
export function models(run: Run): Promise<number> {
  return { list, add, download, remove, fit, scan, ...diskCommands }[run.request.action](run);
}

async function list({ core, out }: Run): Promise<number> {
  const known = await core.handlers['models.list']({});
  out.object({ models: known.map(modelFacts) });
  for (const model of known) out.print(`${modelLine(model)}\n`);
  return ok;
}

export const modelFacts = (model: Model) => ({
  id: model.id,
  name: model.name,
  path: model.path,
  origin: model.origin,
  bytes: model.bytes,
  sha256: model.sha256,
  level: model.proof.level,
  changed: model.proof.changedSince !== null,
  architecture: model.header.architecture,
  parameters: model.header.parameters,
  quantization: model.header.quantization,
  contextLimit: model.contextLimit,
  plannedContext: model.plannedContext,
  predictedBytes: model.predictedBytes,
  missing: model.missing,
  isShape: model.header.isShape === true,
});

/** As the window's badges say it. */
const levels = { signed: 'signed by IBM', hash: 'hash pinned', unverified: 'unverified' } as const;

export function modelLine(model: Model): string {
  const { header } = model;
  const facts = [
    header.quantization,
    mebibytes(model.bytes),
    `context up to ${model.contextLimit}`,
    `about ${mebibytes(model.predictedBytes)} at ${model.plannedContext}`,
    model.proof.changedSince === null ? levels[model.proof.level] : 'changed since it was checked',
    ...(header.isShape === true ? ['random weights, for measuring only'] : []),
    ...(header.purpose === 'embedding' ? ['finds passages, writes no text'] : []),
    ...(header.purpose === 'other' ? ['of no use here: neither writes nor finds passages'] : []),
    model.missing ? 'the file is gone' : model.path,
  ];
  return `${model.name} (${model.id})\n    ${facts.join(', ')}`;
}

/** Adds a file in place and waits until it is hashed, so that the same file is not added twice. */
async function add(run: Run): Promise<number> {
  const { core, request, out, signal } = run;
  const path = resolve(request.subject);
  if ((await stat(path).catch(() => null))?.isDirectory()) return scanFolder(run, true);
  const { modelId, taskId } = await core.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  await follow({ core, out, signal }, taskId, basename(path));
  const model = (await core.handlers['models.list']({})).find(({ id }) => id === modelId);
  if (model === undefined) throw new AppError('not-found', 'the model went away again');
  out.object({ model: modelFacts(model) });
  out.print(`${modelLine(model)}\n`);
  return ok;
}

const scan = (run: Run): Promise<number> => scanFolder(run, run.request.add);

async function remove({ core, request, out }: Run): Promise<number> {
  const model = await findModel(core, request.subject);
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
  const size = `${['pinned', 'hub'].includes(best.bytesSource) ? '' : 'about '}${gibibytes(best.bytes)}`;
  const mark = catalog.pick === entry.id ? '*' : ' ';
  const needs = `${gibibytes(best.predicted.total)} at ${best.context} tokens`;
  const line = `${mark} ${word} ${entry.name} ${best.quantization}: file ${size}, memory ${needs}`;
  if (best.verdict === 'no') {
    return `${line}; needs ${gibibytes(best.needed)} free, can have ${gibibytes(catalog.machine.capacity)}`;
  }
  return `${line}${tokensWords(best.speed)}`;
}
