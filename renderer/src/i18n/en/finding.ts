export const finding = {
  'finding.words': 'Found by words. An embedding model would also find by meaning.',
  'finding.models': 'See models',
  'finding.off': 'Found by words, as the settings say: no embedding model is used.',
  'finding.missing': 'Found by words until the chosen embedding model is back.',
  'finding.checking': 'Found by words until the file of the embedding model was read once.',
  'finding.change': 'Change in settings',
  'finding.ready': 'Found by words and meaning',
  'finding.partial':
    'Found by words, and by meaning in {done, number} of {total, plural, one {# passage} other {# passages}} so far',
  'finding.problem':
    'Found by words. The embedding model could not be used, Quarry tries again by itself. {done, number} of {total, plural, one {# passage} other {# passages}} can be found by meaning.',
  'finding.indexing':
    'The search is being brought up to date: {done, number} of {total, plural, one {# passage} other {# passages}}',
} as const;
