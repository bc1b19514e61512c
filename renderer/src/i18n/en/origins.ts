/** Where found words come from: which of several equal files, and whether a machine recognised them. */
export const origins = {
  'origins.same':
    '{count, plural, one {The same content in # other file} other {The same content in # other files}}',
  'origins.sameWords':
    '{count, plural, one {The same words in # other file} other {The same words in # other files}}',
  'origins.open': 'Open {path}',
  'origins.recognised': 'Recognised text: may contain errors',
  'origins.recognisedShort': 'recognised text',
  'origins.recognisedAll': 'Recognised text: may contain errors. Compare it with the original.',
  'origins.recognisedHere':
    'The text of this page was recognised: it may contain errors. Compare it with the picture.',
  'origins.recognisedSome':
    '{count, plural, one {# of {total} pages holds recognised text} other {# of {total} pages hold recognised text}}, which may contain errors',
} as const;
