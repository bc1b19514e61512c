import type {
  CatalogEntry,
  CatalogOffer,
  MachineSpeed,
  ModelCatalog,
  ModelHeader,
} from '../../ipc/contract/index.ts';
import { contextLimit, planFit } from '../fit.ts';
import type { Catalog, CatalogFile, CatalogModel, Shape } from './catalog.ts';
import { fileBytes, headerOf } from './size.ts';
import { activeBytes, expectedSpeed } from './speed.ts';
import type { OwnSpeed } from './speed.ts';

export interface MachineMemory {
  readonly total: number;
  readonly available: number;
  /** What idle models would give back when another one is loaded. */
  readonly reclaimable?: number;
  readonly speed?: MachineSpeed | null;
  /** Of answers written here. */
  readonly own?: readonly OwnSpeed[];
}

export interface CatalogWish {
  readonly sessions: number;
  readonly context: number;
}

const gibi = 1024 ** 3;
/** Below this nobody asks a question about a text. */
const shortest = 1024;
/** A longer context is worth coarser weights below this. */
const comfortable = 8192;
/** From fine enough to as coarse as still makes sense. */
const byQuality = ['Q4_K_M', 'Q4_K_S', 'Q3_K_M', 'Q3_K_S', 'Q2_K'];
/** Small models lose more by coarse weights, and fine ones still are small. */
const smallModel = 1e9;
/** What may be picked for someone who did not choose. */
const fineEnough = new Set(['Q8_0', 'Q4_K_M', 'Q4_K_S']);

/**
 * What models may take on a machine when other programs are closed: all of it less the system's share,
 * 15 % between 1 and 4 GiB, which is a judgement and not measured. `planFit` leaves its headroom besides.
 */
export function capacityOf(total: number): number {
  return Math.max(0, total - Math.min(4 * gibi, Math.max(gibi, total * 0.15)));
}

/**
 * Every model of the catalogue against a machine: fits at the asked context, at a shorter one, or not,
 * by the formulas of fit.ts over the shape; a file's size only enters as its weights.
 */
export function recommend(
  machine: MachineMemory,
  catalog: Catalog,
  wish: CatalogWish,
): ModelCatalog {
  const capacity = capacityOf(machine.total);
  const entries = catalog.models.map((model) => entryOf(model, machine, capacity, wish));
  const pick = pickOf(catalog, entries);
  const place = (entry: CatalogEntry) => (entry.id === pick ? -1 : rank(entry));
  return {
    asOf: catalog.asOf,
    machine: {
      total: machine.total,
      available: machine.available,
      capacity,
      speed: machine.speed ?? null,
    },
    ...wish,
    // Sorting is stable: within one verdict the catalogue's own order stays.
    entries: [...entries].sort((a, b) => place(a) - place(b)),
    pick,
  };
}

function rank({ state, best, use }: CatalogEntry): number {
  if (state === 'announced') return 4;
  if (best === null || use !== 'chat') return 3;
  return { fits: 0, shorter: 1, no: 2 }[best.verdict];
}

function pickOf(catalog: Catalog, entries: readonly CatalogEntry[]): string | null {
  const wanted = catalog.models
    .filter((model) => model.preference !== null)
    .sort((a, b) => (b.preference ?? 0) - (a.preference ?? 0));
  const able = wanted.filter(({ id }) => {
    const best = entries.find((entry) => entry.id === id)?.best;
    return best && best.verdict !== 'no' && fineEnough.has(best.quantization);
  });
  const whole = able.find(
    ({ id }) => entries.find((entry) => entry.id === id)?.best?.verdict === 'fits',
  );
  return (whole ?? able[0])?.id ?? null;
}

function entryOf(
  model: CatalogModel,
  machine: MachineMemory,
  capacity: number,
  wish: CatalogWish,
): CatalogEntry {
  const { shape, gguf } = model;
  const offers = (gguf?.files ?? []).flatMap((file) => {
    const offer = shape === null ? null : offerOf(model, shape, file, machine, capacity, wish);
    return offer === null ? [] : [offer];
  });
  return {
    id: model.id,
    name: model.name,
    family: model.family,
    use: model.use,
    variant: model.variant,
    state: model.state,
    sentence: model.sentence,
    licence: model.licence,
    parameters: model.parameters,
    activeParameters: model.activeParameters,
    trainedContext: model.trainedContext,
    isHybrid: (shape?.ssm ?? null) !== null,
    shapeStatus: model.shapeStatus,
    repository: gguf?.repository ?? null,
    repositoryStatus: gguf?.repositoryStatus ?? null,
    revision: gguf?.revision ?? null,
    revisionSource: gguf === null || gguf.revisionStatus === 'unknown' ? null : gguf.revisionStatus,
    signer: gguf?.signer ?? null,
    offers,
    best: bestOf(model, offers),
  };
}

function offerOf(
  model: CatalogModel,
  shape: Shape,
  file: CatalogFile,
  machine: MachineMemory,
  capacity: number,
  wish: CatalogWish,
): CatalogOffer | null {
  const size = fileBytes(shape, file);
  if (size === null) return null;
  const header = headerOf(model, shape, file, size.bytes);
  const { value, status } = file.sha256;
  return {
    file: file.name,
    quantization: file.quantization,
    bytes: size.bytes,
    bytesSource: size.source,
    sha256: value,
    sha256Source: status === 'unknown' ? null : status,
    ...figuresOf(header, machine, capacity, wish),
    speed: expectedSpeed(
      activeBytes(shape, file.quantization, size.bytes),
      header.recurrentBytesPerSession,
      machine.speed ?? null,
      machine.own,
    ),
  };
}

/** A model against a machine: at the asked context, else at the longest shorter one that fits. */
export function figuresOf(
  header: ModelHeader,
  machine: MachineMemory,
  capacity: number,
  wish: CatalogWish,
): Pick<CatalogOffer, 'verdict' | 'context' | 'predicted' | 'needed' | 'fitsNow'> {
  const asked = Math.min(wish.context, contextLimit(header));
  const room = { total: machine.total, available: capacity };
  const planAt = (contextSize: number) =>
    planFit(header, { contextSize, sessions: wish.sessions }, room);
  let plan = planAt(asked);
  for (let power = 2 ** Math.ceil(Math.log2(asked) - 1); !plan.fits && power >= shortest;) {
    plan = planAt(power);
    power /= 2;
  }
  return {
    verdict: plan.fits ? (plan.contextSize === asked ? 'fits' : 'shorter') : 'no',
    context: plan.contextSize,
    predicted: plan.predicted,
    needed: plan.needed,
    fitsNow: plan.needed <= machine.available + (machine.reclaimable ?? 0),
  };
}

function bestOf(model: CatalogModel, offers: readonly CatalogOffer[]): CatalogOffer | null {
  const isSmall = (model.parameters ?? Infinity) < smallModel;
  const wanted = [...(isSmall ? ['Q8_0'] : []), ...byQuality].flatMap(
    (name) => offers.find((offer) => offer.quantization === name) ?? [],
  );
  const whole = wanted.find((offer) => offer.verdict === 'fits');
  const finest = wanted[0];
  // Half the context with fine weights beats all of it with the coarsest.
  if (finest?.verdict === 'shorter' && finest.context >= comfortable) return finest;
  if (whole) return whole;
  const shorter = wanted.filter((offer) => offer.verdict === 'shorter');
  const longest = shorter.reduce<CatalogOffer | null>(
    (most, offer) => (most === null || offer.context > most.context ? offer : most),
    null,
  );
  return longest ?? finest ?? null;
}
