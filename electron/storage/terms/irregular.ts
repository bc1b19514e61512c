/**
 * Nouns of English whose plural no stemmer brings to the singular: with another vowel or consonant, or as in the
 * language they come from. Only forms that are no other word: `lives`, `leaves` and `bases` would bring up what is not
 * meant. No verbs: the irregular ones are the commonest of all, and tell passages apart badly.
 */
const families = [
  'child children|man men|woman women|foot feet|tooth teeth|goose geese|mouse mice|ox oxen|wife wives|knife knives',
  'half halves|shelf shelves|thief thieves|wolf wolves|loaf loaves|analysis analyses|crisis crises|diagnosis diagnoses',
  'hypothesis hypotheses|synthesis syntheses|parenthesis parentheses|criterion criteria|phenomenon phenomena',
  'bacterium bacteria|curriculum curricula|memorandum memoranda|addendum addenda|erratum errata|stimulus stimuli',
  'nucleus nuclei|fungus fungi|alumnus alumni|syllabus syllabi|radius radii|matrix matrices',
  'appendix appendices',
].flatMap((line) => line.split('|').map((family) => family.split(' ')));

/**
 * Stems of a stem's other form, none where its word is regular.
 *
 * @param stemOf how the index brings words to their stem
 */
export function irregularStems(
  stemOf: (word: string) => string,
): (stem: string) => readonly string[] {
  const others = new Map<string, readonly string[]>();
  for (const family of families) {
    const stems = [...new Set(family.map(stemOf))];
    for (const stem of stems) {
      others.set(
        stem,
        stems.filter((each) => each !== stem),
      );
    }
  }
  return (stem) => others.get(stem) ?? [];
}
