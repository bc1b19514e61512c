/** Kept states, and documents used as a whole. */
export const states = {
  'errors.whole-too-large.title': 'The documents do not fit as a whole',
  'errors.whole-too-large.text':
    'They take {tokens} tokens, and {most} fit beside a question and its answer. Nothing was cut off: use passages instead, or a model or context that holds more.',

  'tasks.read': 'Reading {name} as a whole',

  'use.label': 'How the documents are used: {name}',
  'use.passages': 'Passages',
  'use.passagesNote': 'finds what matters for each question',
  'use.whole': 'Whole documents',
  'use.wholeOne': 'Whole document',
  'use.wholeOf': 'Whole: {name}',
  'use.wholeNote': 'read once, then every question knows all of it',
  'use.scope.gone': 'Removed document',

  'whole.takes':
    '{documents, plural, one {Whole document} other {# whole documents}}: {tokens} of {context} tokens',
  'whole.takesAbout':
    '{documents, plural, one {Whole document} other {# whole documents}}: about {tokens} of {context} tokens',
  'whole.missing':
    '{count, plural, one {# document was not read and is left out} other {# documents were not read and are left out}}',
  'whole.none': 'There is no text to read here yet.',
  'whole.before': 'Read before: starts at once',
  'whole.first': 'Read once, at the first question',
  'whole.readNow': '{documents, plural, one {Read it now} other {Read them now}}',
  'whole.reading': 'Reading the document once: {percent}',
  'whole.readingLeft': 'Reading the document once: {percent}, about {time}',
  'whole.stop': 'Stop reading',
  'whole.tooLarge':
    '{documents, plural, one {The whole document takes} other {The # documents take}} {exact, select, yes {} other {about }}{tokens} tokens. With {context} tokens of context, {limit} fit beside a question and its answer.',
  'whole.tooLargeModel': 'This model reads no more at once.',
  'whole.usePassages': 'Use passages',
  'whole.loadWith': 'Load with {context} tokens of context',
  'whole.sources':
    '{documents, plural, one {Whole document read} other {# whole documents read}}, {count, plural, one {# passage cited} other {# passages cited}}',

  'chat.phase.readingLeft': 'Reading {percent}, about {time}',

  'states.title': 'Saved states',
  'states.note':
    'What models have read is kept on this disk, so that no conversation and no document is read twice. Only this machine uses it.',
  'states.keep': 'Keep what was read',
  'states.keepNote': 'Off: nothing is written, and what is there is deleted at once.',
  'states.offTitle': 'Stop keeping what was read?',
  'states.offText':
    'All saved states ({size}) are deleted. Conversations and documents are read again when they are needed. No message is lost.',
  'states.offConfirm': 'Delete and stop',
  'states.budget': 'Room for them',
  'states.automatic': 'Automatic ({size})',
  'states.automaticUnknown': 'Automatic',
  'states.budgetNote':
    '{used} of {budget} used. Automatic is a tenth of the free disk, at most 16 GB. What was not used for longest goes first.',
  'states.encrypt': 'Encrypt saved states',
  'states.encryptNote': 'With a key that your system’s keychain keeps.',
  'states.noKeychain':
    'Not possible here: the system has no keychain that encrypts. Saved states can be read by whoever can read your files.',
  'states.noKey': 'The keychain gave no key: nothing is kept until it does.',
  'states.encryptTitle': 'Encrypt saved states?',
  'states.decryptTitle': 'Stop encrypting saved states?',
  'states.encryptText':
    'The states saved so far ({size}) are deleted. Models that are loaded keep none until they are loaded again.',
  'states.encryptConfirm': 'Delete and encrypt',
  'states.decryptConfirm': 'Delete and stop encrypting',
  'states.table': 'Saved states of each model',
  'states.model': 'Model',
  'states.conversations': 'Conversations',
  'states.documents': 'Documents',
  'states.room': 'May take',
  'states.notLoaded': 'not loaded',
  'states.clear': 'Delete all saved states, {size}',
  'states.clearTitle': 'Delete all saved states?',
  'states.clearText':
    '{size} are freed. Conversations and documents are read again when they are needed. No message is lost.',
  'states.clearConfirm': 'Delete',
  'states.cleared': 'Saved states deleted, {size} freed.',
} as const;
