export const watch = {
  'watch.inStep': 'In step with its folder',
  'watch.looking': 'Looking for changes in the folder',
  'watch.waiting':
    '{count, plural, one {# document waits to be read} other {# documents wait to be read}}',
  'watch.reading': 'Reading {file} of {total, plural, one {# file} other {# files}}',
  'watch.bytes': '{done} of {all}',
  'watch.left': 'about {time} left',
  'watch.leftUnknown': 'time left not known yet',
  'watch.givesWay': 'waits while an answer is written',
  'watch.paused': 'Paused',
  'watch.pausedUnread':
    'Paused, {count, plural, one {# document not read yet} other {# documents not read yet}}',
  'watch.pausedAll': 'Paused, with all folders',
  'watch.away.missing': 'The folder is away',
  'watch.away.denied': 'The folder may not be opened',
  'watch.away.unreadable': 'The folder cannot be read at the moment',
  'watch.stay.missing':
    'Looked for {folder}. Its documents stay. When it is back there, Quarry looks at it again.',
  'watch.stay.denied': 'Its documents stay. Give Quarry access to the folder again.',
  'watch.stay.unreadable': 'Its documents stay. Quarry tries again every few seconds.',
  'watch.limited.watches':
    'Watching is limited: this system allows no more watched folders. Quarry looks every {minutes, plural, one {minute} other {# minutes}}.',
  'watch.limited.network':
    'Watching is limited: the folder lies on another machine. Quarry looks every {minutes, plural, one {minute} other {# minutes}}.',
  'watch.limited.failed':
    'Watching is limited: the system refused it. Quarry looks every {minutes, plural, one {minute} other {# minutes}}.',
  'watch.tooMany': 'The folder holds more files than Quarry looks at; the rest is left out.',
  'watch.pause': 'Pause',
  'watch.resume': 'Resume',
  'watch.lookNow': 'Look now',
  'watch.rules': 'Ignore rules…',
  'watch.failed': '{count, plural, one {# file not read} other {# files not read}}…',

  'watch.all': '{count, plural, one {# folder is kept in step} other {# folders are kept in step}}',
  'watch.allReading':
    '{unread, plural, one {# document to be read} other {# documents to be read}}',
  'watch.oneAway.missing': 'The folder of “{name}” is away',
  'watch.oneAway.denied': 'The folder of “{name}” may not be opened',
  'watch.oneAway.unreadable': 'The folder of “{name}” cannot be read at the moment',
  'watch.allAway': '{count, plural, one {# folder is away} other {# folders are away}}:',
  'watch.allPaused': 'All folders are paused',
  'watch.pauseAll': 'Pause all folders',
  'watch.resumeAll': 'Resume all folders',

  'watch.failedTitle': 'Files that could not be read',
  'watch.failedText':
    'Quarry tries a file again when it changes. What it read of it before stays until then.',
  'watch.failedNone': 'Every file was read.',
  'watch.tryAgain': 'Try again',
  'watch.tryAgainFile': 'Try again: {name}',
  'watch.tryAllAgain': 'Try all again',
  'watch.trying':
    '{count, plural, =0 {Nothing to try} one {Trying # file again} other {Trying # files again}}',

  'watch.rulesTitle': 'Ignore rules',
  'watch.rulesText':
    'Files and folders that these rules name are left out of “{name}”. One rule a line, as in .gitignore; a line with an exclamation mark in front lets in again.',
  'watch.rulesOwn': 'Rules of this collection',
  'watch.rulesExample': 'drafts/\n*.log',
  'watch.rulesFiles': 'Rules found in the folder',
  'watch.rulesNoFiles': 'You can also put a file named .quarryignore into any of its folders.',
  'watch.rulesUsual': 'Left out everywhere',
  'watch.rulesSave': 'Save rules',
} as const;
