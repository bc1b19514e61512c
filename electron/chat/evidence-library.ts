import type { Source } from '../ipc/contract/index.ts';
import { quantitiesOf } from './quantities.ts';
import type { Quantity } from './quantities.ts';
import { sentencesOf } from './sentences.ts';
import type { Span } from './sentences.ts';
import type { Token } from './text.ts';
import { fold, tokenize } from './text.ts';

/** Sentences before a span in which what it points back at may stand. */
const reach = 3;

export interface Candidate {
  readonly source: Source;
  readonly span: Span;
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly quantities: readonly Quantity[];
  readonly keys: ReadonlySet<string>;
  readonly negated: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  readonly title: ReadonlySet<string>;
  /** The sentences before. */
  readonly before: ReadonlySet<string>;
  /** Speaks of something named before it: a pronoun stands before any name of its own. */
  readonly pointsBack: boolean;
}

export interface Library {
  readonly candidates: readonly Candidate[];
  /** Those that hold a word, in order. */
  holding(key: string): readonly Candidate[];
  readonly names: ReadonlySet<string>;
  /** The word stands somewhere in the passages. */
  knows(key: string): boolean;
  weight(key: string): number;
}

/** Every sentence of the sources, as what may support a statement. */
export function prepare(sources: readonly Source[]): Library {
  const candidates: Candidate[] = [];
  const names = new Set<string>();
  const frequency = new Map<string, number>();
  let count = 0;
  for (const source of sources) {
    const title = new Set(
      tokenize(`${source.documentName} ${source.heading ?? ''} ${source.lead ?? ''}`).map(
        ({ key }) => key,
      ),
    );
    const sentences = sentencesOf(source.text).map((span) => ({
      span,
      text: source.text.slice(span.start, span.end),
      tokens: tokenize(source.text.slice(span.start, span.end)),
    }));
    for (const { tokens } of sentences) {
      count += 1;
      for (const key of new Set(tokens.map((token) => token.key))) {
        frequency.set(key, (frequency.get(key) ?? 0) + 1);
      }
      for (const name of namesWithin(tokens, new Set())) names.add(name);
    }
    sentences.forEach(({ span, text, tokens }, index) => {
      const before = sentences.slice(Math.max(0, index - reach), index);
      candidates.push({
        source,
        span,
        text,
        tokens,
        quantities: quantitiesOf(text, tokens),
        keys: new Set(tokens.map(({ key }) => key)),
        negated: new Set(tokens.filter(({ negated }) => negated).map(({ key }) => key)),
        names: namesWithin(tokens, names),
        title,
        before: new Set(before.flatMap((part) => part.tokens).map(({ key }) => key)),
        pointsBack: pointsBack(text, tokens, names),
      });
    });
  }
  const byKey = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    for (const key of candidate.keys) {
      const list = byKey.get(key) ?? [];
      list.push(candidate);
      byKey.set(key, list);
    }
  }
  return {
    candidates,
    holding: (key) => byKey.get(key) ?? [],
    names,
    knows: (key) => frequency.has(key),
    weight: (key) => Math.log(1 + (count + 1) / ((frequency.get(key) ?? 0) + 0.5)),
  };
}

const pronoun =
  /(?:^|[\s,;(])(it|its|he|she|his|her|they|their|them|this|these|there|su|sus|este|esta|estos|ello)\b/;

function pointsBack(text: string, tokens: readonly Token[], known: ReadonlySet<string>): boolean {
  const at = pronoun.exec(fold(text))?.index;
  if (at === undefined) return false;
  const own = namesWithin(tokens, known);
  const first = tokens.find(({ key }) => own.has(key));
  return first === undefined || at <= first.start;
}

/**
 * Names and codes of a sentence. Its first word counts only where it is known as a name or stands
 * before another capital: every sentence begins with one.
 */
export function namesWithin(tokens: readonly Token[], known: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  tokens.forEach((token, index) => {
    if (token.kind === 'code') names.add(token.key);
    if (token.kind !== 'word' || !token.capital) return;
    if (index > 0 || known.has(token.key) || tokens[1]?.capital === true) names.add(token.key);
  });
  return names;
}

/** Without words that stand everywhere. */
export function content(tokens: readonly Token[]): Token[] {
  return tokens.filter(({ kind }) => kind !== 'stop');
}
