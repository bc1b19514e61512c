export const away = {
  'away.list.missing': 'The folder is away: renamed, moved or on a disk that is not connected',
  'away.list.denied': 'The folder may not be opened',
  'away.list.unreadable': 'The folder cannot be read at the moment',
  'away.list.short': 'away',

  'away.choose': 'Choose its new place…',
  'away.chooseAnother': 'Choose another folder…',
  'away.moved':
    '{count, plural, one {# document was found again in {folder}.} other {# documents were found again in {folder}.}}',
  'away.movedEmpty': 'The folder is now {folder}.',
  'away.another': 'This is another folder',
  'away.anotherText':
    'Nothing that was read for “{name}” is in {folder}. The collection stays as it is.',
  'away.taken': 'This folder is in the library already',
  'away.takenText': '{folder} is the folder of the collection “{other}”.',
  'away.asks': 'Use this folder for “{name}”?',
  'away.asksText':
    '{found, plural, one {# document is} other {# documents are}} in {folder}. {missing, plural, one {# is not there: it would leave the library. Answers keep the words they quoted.} other {# are not there: they would leave the library. Answers keep the words they quoted.}}',
  'away.use': 'Use this folder',
} as const;
