import type { VectorModel, VectorsRepository } from '../../storage/repositories/vectors.ts';
import { sentencesOf } from '../index/sentences.ts';
import { dot } from './packed.ts';

/**
 * From which likeness on two sentences say the same, found out for each model on the person's own documents.
 * There is no number that holds for all models: some give 0.7 to any two texts. Nobody has marked which sentences
 * of these documents say the same, so what is measured is what does *not*: sentences of different passages, and,
 * harder, two that stand beside each other in one passage, which speak of one thing and say different things.
 * The same is said only by what is more alike than either of these is by chance.
 */
export interface CalibrationPorts {
  readonly store: VectorsRepository;
  readonly model: VectorModel;
  /** Null where another model has come into use. */
  readonly embed: (texts: readonly string[]) => Promise<readonly Float32Array[] | null>;
}

/** Passages of which two sentences are taken. */
const mostPairs = 96;
/** Fewer pairs say nothing, and there is no likeness then. */
const fewestPairs = 24;
const shortest = 24;
const longest = 400;
const atOnce = 16;
/** Deviations above the mean: one of 30,000 pairs of strangers, one of 740 neighbours, were they spread normally. */
const aboveStrangers = 4;
const aboveNeighbours = 3;
/** Sentences less alike than that are not taken for the same, whatever the documents are. */
const floor = 0.6;
/** A model that takes neighbours for nearly one cannot tell; nothing reaches this. */
const cannotTell = 2;
const ceiling = 0.97;
/** Found out again when there are so many times the passages. */
const grownBy = 4;

/** Two sentences that stand beside each other, of up to `mostPairs` texts. */
export function neighboursIn(texts: readonly string[]): (readonly [string, string])[] {
  return texts.flatMap((text) => {
    const long = sentencesOf(text)
      .map(([start, end]) => text.slice(start, end))
      .map((sentence) =>
        sentence.length >= shortest && sentence.length <= longest ? sentence : null,
      );
    const at = long.findIndex((one, index) => one !== null && (long[index + 1] ?? null) !== null);
    const [one, other] = [long[at] ?? null, long[at + 1] ?? null];
    return at < 0 || one === null || other === null || one === other ? [] : [[one, other] as const];
  });
}

/** @param pairs vectors of neighbouring sentences */
export function sameFrom(pairs: readonly (readonly [Float32Array, Float32Array])[]): number {
  const neighbours = pairs.map(([one, other]) => dot(one, other));
  const strangers: number[] = [];
  pairs.forEach(([one], index) => {
    for (const [other] of pairs.slice(index + 1)) strangers.push(dot(one, other));
  });
  const from = Math.max(
    floor,
    above(strangers, aboveStrangers),
    above(neighbours, aboveNeighbours),
  );
  return from > ceiling ? cannotTell : from;
}

function above(values: readonly number[], deviations: number): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return mean + deviations * Math.sqrt(variance);
}

/** Finds it out where it is not known yet, or was for a much smaller library. */
export async function calibrate({ store, model, embed }: CalibrationPorts): Promise<void> {
  if (model.sameAt !== null && model.passages < model.sameAt * grownBy) return;
  const pairs = neighboursIn(store.sample(model.id, mostPairs * 2)).slice(0, mostPairs);
  if (pairs.length < fewestPairs) return;
  const texts = pairs.flat();
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += atOnce) {
    const made = await embed(texts.slice(at, at + atOnce));
    if (made === null) return;
    vectors.push(...made);
  }
  const made = pairs.flatMap((_, index): (readonly [Float32Array, Float32Array])[] => {
    const [one, other] = [vectors[index * 2], vectors[index * 2 + 1]];
    return one === undefined || other === undefined ? [] : [[one, other]];
  });
  if (made.length === pairs.length) store.setSame(model.id, sameFrom(made));
}
