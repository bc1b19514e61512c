/** The search over the documents: its filters, what was looked for, and why nothing was found. */
export const searching = {
  'searching.quoted': '“{value}”',
  'searching.in': 'Collection',
  'searching.type': 'Kind',
  'searching.date': 'Date',
  'searching.inLabel': 'Collection: search only in chosen ones',
  'searching.typeLabel': 'Kind: search only in chosen kinds of files',
  'searching.dateLabel': 'Date: search only in files changed at a time',
  'searching.anyDate': 'Any date',
  'searching.since': 'Since {value}',
  'searching.before': 'Before {value}',
  'searching.files': '{count, plural, one {# file} other {# files}}',

  'searching.suggestions': 'Values for this filter',
  'searching.hint':
    '{count, plural, =0 {No value matches} one {# value, arrow keys choose} other {# values, arrow keys choose}}',

  'searching.filters': 'Filters of this search',
  'searching.remove': 'remove',
  'searching.part.in': 'Collection: {value}',
  'searching.part.file': 'File: {value}',
  'searching.part.type': 'Kind: {value}',
  'searching.part.after': 'Since: {value}',
  'searching.part.before': 'Before: {value}',
  'searching.part.without': 'Without: {value}',

  'searching.found':
    '{count, plural, one {# passage} other {# passages}} for {what}. Searched: {documents, plural, one {# document} other {# documents}}.',
  'searching.foundMost':
    'The best {count} passages for {what}. Searched: {documents, plural, one {# document} other {# documents}}.',
  'searching.said.scope': 'in the collection {name}',
  'searching.said.in': 'in collections named {values}',
  'searching.said.file': 'in files or folders named {values}',
  'searching.said.type': 'only {values}',
  'searching.said.after': 'changed since {value}',
  'searching.said.before': 'changed before {value}',
  'searching.said.without': 'without {values}',

  'searching.nothing': 'Nothing found for {what}',
  'searching.none.in': 'No collection with documents in it is named {values}.',
  'searching.none.file': 'No document has {values} in its name or folder.',
  'searching.none.type': 'No document is of the kind {values}.',
  'searching.none.after': 'No document was changed since {value}.',
  'searching.none.before': 'No document was changed before {value}.',
  'searching.noneTogether': 'No document passes all of these filters together.',
  'searching.narrow':
    'The filters leave {documents, plural, one {# document} other {# documents}}, and none holds these words.',
  'searching.leaveOut':
    'Leave out “{filters}”: {count, plural, one {# passage} other {# passages}}',
  'searching.everywhere': 'Search all documents',
  'searching.noWords': 'Type what to look for',
  'searching.passing':
    '{count, plural, one {# document passes} other {# documents pass}} these filters. Words find passages in {count, plural, one {it} other {them}}.',
  'searching.noWordsYet': 'Words find passages. Filters narrow down what is searched.',
  'searching.unfinished':
    '{word}: needs a value, for example {example}. It is left out until then.',
  'searching.noWordsText':
    '{documents, plural, =0 {No document passes these filters.} one {The filters leave # document.} other {The filters leave # documents.}}',
} as const;
