import { setTimeout } from 'node:timers/promises';
import { AppError } from '../ipc/app-error.ts';
import type { CatalogEntry, CatalogOffer, Model, ModelDownload } from '../ipc/contract/index.ts';
import { mebibytes, ok } from './cli-commands.ts';
import type { Run } from './cli-commands.ts';
import { UsageError } from './cli-errors.ts';
import { modelFacts, modelLine } from './cli-models.ts';

const look = 250;

/**
 * `quarry models download NAME [--quant Q]`: begins it, or goes on with it where it was left. Ctrl+C
 * pauses: what is here is kept. Other downloads of the profile are left alone. Throws AppError.
 */
export async function download(run: Run): Promise<number> {
  const { core, request, out, signal } = run;
  const { entries } = await core.handlers['models.catalog']({});
  const entry = entryOf(entries, request.subject);
  const offer = offerOf(entry, request.quant);
  const here = await modelOf(run, entry, offer);
  if (here !== undefined) return report(run, here, 'already here');

  const { downloadId } = await core.handlers['models.download']({
    catalogId: entry.id,
    file: offer.file,
  });
  let told = '';
  try {
    for (;;) {
      const now = (await core.handlers['models.downloads']({})).find(({ id }) => id === downloadId);
      if (now === undefined) break;
      if (now.error !== null) {
        const { code, message, detail } = now.error;
        throw new AppError(code, message, detail === undefined ? {} : { detail });
      }
      if (signal.aborted) {
        await core.handlers['models.pauseDownload']({ downloadId });
        out.progress(null);
        out.note(`paused at ${sizes(now)}; the same command goes on from there`);
        throw new AppError('cancelled', 'paused');
      }
      if (now.state === 'paused') await core.handlers['models.resumeDownload']({ downloadId });
      out.progress(lineOf(now));
      // Where no terminal shows the moving line: what changes, and every tenth.
      const step = `${wordsOf(now)} ${Math.floor((now.done / (now.bytes ?? Infinity)) * 10)}`;
      if (step !== told) out.aside(`${now.file}: ${wordsOf(now)}, ${sizes(now)}`);
      told = step;
      await setTimeout(look, undefined, { signal }).catch(() => {});
    }
  } finally {
    out.progress(null);
  }
  const model = await modelOf(run, entry, offer);
  if (model === undefined) throw new AppError('not-found', 'the model went away again');
  return report(run, model, 'fetched and checked');
}

function report({ out }: Run, model: Model, how: string): number {
  out.object({ model: modelFacts(model), how });
  out.print(`${modelLine(model)}\n`);
  out.note(how);
  return ok;
}

/** By id or name, however it is written. */
function entryOf(entries: readonly CatalogEntry[], wanted: string): CatalogEntry {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_]+/g, '-');
  const entry = entries.find(
    ({ id, name }) => plain(id) === plain(wanted) || plain(name) === plain(wanted),
  );
  const published = entries.filter(({ state, offers }) => state === 'published' && offers.length);
  if (entry === undefined || !published.includes(entry)) {
    const names = published.filter(({ variant }) => variant === 'instruct').map(({ id }) => id);
    const why = entry === undefined ? 'is no model of the catalogue' : 'cannot be fetched yet';
    throw new UsageError(`"${wanted}" ${why}; there are ${names.join(', ')}`);
  }
  return entry;
}

function offerOf({ id, offers, best }: CatalogEntry, quant: string | null): CatalogOffer {
  const wanted = quant?.toUpperCase();
  const offer =
    wanted === undefined ? best : offers.find(({ quantization }) => quantization === wanted);
  if (offer) return offer;
  const names = offers.map(({ quantization }) => quantization).join(', ');
  throw new UsageError(
    `${id} is not there as ${quant ?? 'anything that fits'}; there are ${names}`,
  );
}

/** The model of an offer, known by its hash; the hub's word about it is asked for again. */
async function modelOf(
  { core }: Run,
  { id }: CatalogEntry,
  { file }: CatalogOffer,
): Promise<Model | undefined> {
  const { entries } = await core.handlers['models.catalog']({});
  const sha256 = entries
    .find((entry) => entry.id === id)
    ?.offers.find((offer) => offer.file === file)?.sha256;
  if (!sha256) return undefined;
  const models = await core.handlers['models.list']({});
  return models.find((model) => model.sha256 === sha256);
}

const sizes = ({ done, bytes }: ModelDownload): string =>
  bytes === null ? mebibytes(done) : `${mebibytes(done)} of ${mebibytes(bytes)}`;

function wordsOf({ state, wait, isAgain }: ModelDownload): string {
  if (isAgain && state === 'active') return 'fetching once more to find wrong bytes';
  if (state === 'waiting') {
    if (wait?.reason === 'asked') return 'the server asked us to wait';
    return wait?.reason === 'offline' ? 'no connection, trying again' : 'trying again';
  }
  const words = { queued: 'in line', active: 'fetching', checking: 'checking', paused: 'paused' };
  return words[state as keyof typeof words] ?? state;
}

function lineOf(now: ModelDownload): string {
  const share = now.bytes ? `${Math.floor((now.done / now.bytes) * 100)} % ` : '';
  const flows = now.state === 'active' && now.bytesPerSecond > 0;
  const rate = flows ? `, ${mebibytes(now.bytesPerSecond)}/s` : '';
  const left = flows && now.secondsLeft !== null ? `, ${timeOf(now.secondsLeft)} left` : '';
  return `${share}${wordsOf(now)}, ${sizes(now)}${rate}${left}`;
}

function timeOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
