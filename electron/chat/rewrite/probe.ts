import { standAlone } from '../../documents/retrieve/question.ts';
import { termsOf } from '../../documents/retrieve/terms.ts';
import type { RewriteVerdict } from '../../ipc/contract/index.ts';
import { stemsIn } from './accept.ts';
import { dialogues } from './dialogues.ts';
import type { Dialogue } from './dialogues.ts';
import type { Rewriting } from './ask.ts';

/** Changes with the dialogues, the prompt or what is accepted: results of another one say nothing. */
export const probeVersion = 1;

/** A model's wordings must hold this share of what is needed, and more than the rule finds. */
const leastNeeded = 0.75;
const mostWrong = 0.2;

export interface Figures {
  readonly dialogues: number;
  readonly byRule: number;
  readonly byModel: number;
  readonly wrong: number;
  readonly medianMs: number;
}

/** Share of the needed words that the rule searches for, whatever they count. */
export const byRule = ({ question, said, needed }: Dialogue): number => {
  const { asked, earlier } = standAlone(question, said);
  const stems = new Set(
    [...asked, ...earlier.map(({ term }) => term)].flatMap((term) => term.stems),
  );
  return shareOf(needed, stems);
};

/** Share of the words that a text holds. */
export const shareIn = (words: readonly string[], text: string): number =>
  shareOf(words, new Set(stemsIn(text)));

function shareOf(words: readonly string[], stems: ReadonlySet<string>): number {
  const held = words.filter((word) =>
    termsOf(word).every((term) => term.stems.some((stem) => stems.has(stem))),
  );
  return words.length === 0 ? 0 : held.length / words.length;
}

/** @param wordings one for each dialogue, in their order; fewer where the rest was not asked any more */
export function figuresOf(wordings: readonly Rewriting[]): Figures {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const times = wordings.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    dialogues: dialogues.length,
    byRule: mean(dialogues.map(byRule)),
    byModel: mean(dialogues.map(({ needed }, at) => shareIn(needed, wordings[at]?.text ?? ''))),
    wrong: mean(
      dialogues.map(({ wrong }, at) => (shareIn(wrong, wordings[at]?.text ?? '') > 0 ? 1 : 0)),
    ),
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
  };
}

export function verdictOn(figures: Figures, limitMs: number): RewriteVerdict {
  if (figures.medianMs >= limitMs) return 'slow';
  if (figures.byModel < leastNeeded || figures.byModel <= figures.byRule) return 'no-better';
  return figures.wrong > mostWrong ? 'wrong-words' : 'good';
}
