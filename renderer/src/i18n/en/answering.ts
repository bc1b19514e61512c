export const answering = {
  'answering.queue': 'Asking documents for: {title}',

  'use.auto': 'Automatic',
  'use.autoNote': 'chooses for each question, and says why',
  'use.across': 'Across many documents',
  'use.acrossShort': 'Across many',
  'use.acrossNote': 'asks one after the other, then puts the answers together',

  'mode.passages': 'Searched for passages',
  'mode.whole': '{documents, plural, one {Read the whole document} other {Read all # documents}}',
  'mode.across': 'Asked {documents, plural, one {the document} other {each of # documents}}',
  'mode.reason.chosen': 'as you chose',
  'mode.reason.fact': 'you asked for something that stands in one place',
  'mode.reason.one-fits': 'it fits and you asked about all of it',
  'mode.reason.few-fit': 'they fit together and you asked about all of them',
  'mode.reason.read-before': 'the model has read {documents, plural, one {it} other {them}} before',
  'mode.reason.goes-on':
    'the conversation goes on about {documents, plural, one {it} other {them}}',
  'mode.reason.each-apart': 'you asked about each of them',
  'mode.reason.overview-apart':
    'you asked about all of {documents, plural, one {it, and it does not fit at once} other {them, and they do not fit at once}}',
  'mode.reason.too-many': 'asking each of {documents} documents would take long',
  'mode.reason.not-read': 'none of the documents has been read',
  'mode.reason.talk': 'nothing was asked',
  'mode.line': '{what}: {why}',
  'mode.use.passages': 'Use passages instead',
  'mode.use.whole': 'Read all of it instead',
  'mode.use.across': 'Ask each document instead',

  'across.documents': '{total, plural, one {# document} other {# documents}}',
  'across.combining': 'Putting the answers together',
  'across.fold':
    'Answers in {answered} of {total, plural, one {# document} other {# documents}}{open, select, 0 {} other {, {open} not asked or failed}}{unread, plural, =0 {} one {, # was not read} other {, # were not read}}',
  'across.running': 'Asking documents: {done} of {total}',
  'across.state.waiting': 'Waits',
  'across.state.reading': 'Being read',
  'across.state.answered': 'Answers',
  'across.state.nothing': 'Does not contain it',
  'across.state.failed': 'Failed',
  'across.state.too-long': 'Did not fit',
  'across.state.not-read': 'Was not read',
  'across.state.stopped': 'Not asked: stopped',
  'across.partly':
    '{count, plural, one {# passage of it was not read} other {# passages of it were not read}}',
  'across.found': 'Only the passages that were found in it were read',
  'across.notCombined':
    '{count, plural, one {# answer did not fit and is left out above} other {# answers did not fit and are left out above}}',
  'across.open': 'Open {name}',

  'left.fold':
    '{passages, plural, =0 {} one {# passage} other {# passages}}{both, select, yes { and } other {}}{messages, plural, =0 {} one {# earlier message} other {# earlier messages}} did not fit',
  'left.partly':
    '{cut, plural, one {# passage was read only in part} other {# passages were read only in part}}',
  'left.cut': 'only a part was read',
  'left.out': 'left out',
  'left.message': 'Earlier message',
  'left.why.given':
    '{name} is given {limit} tokens at a time: it was trained on no more. All that it is asked with must fit in.',
  'left.why.context':
    'All that the model is asked with and its answer must fit into {context} tokens of context. More fits with a larger one: “{button}” on the Models page.',
  'left.why.most':
    'All that the model is asked with and its answer must fit into {context} tokens of context: it was trained on no more.',

  'searched.line':
    'Looked for “{query}” in {documents, plural, one {# document} other {# documents}}.',
  'searched.unknown':
    '{count, plural, one {This word stands in none of them: {words}.} other {These words stand in none of them: {words}.}}',
  'searched.nowhere': 'There was no document with text to look into.',
  'searched.failed':
    '{others, plural, =0 {{name} could not be read.} one {{name} and # more document could not be read.} other {{name} and # more documents could not be read.}}',
  'searched.why': 'See why',
  'searched.unread':
    '{count, plural, one {# more document was not read yet. When it is, ask again.} other {# more documents were not read yet. When they are, ask again.}}',
  'searched.nearest': 'Nearest passages',
  'searched.none': 'No passage comes near.',
  'missing.line': 'Nothing found speaks of: {parts}',
  'missing.weak': 'Little was found for this question.',

  'contradiction.mark': 'The answer says {said}, the document says {found}',
  'contradiction.denial': 'The document says the opposite: {found}',
  'contradiction.open': 'Contradiction: {words}. Open the place.',
  'chat.support.contradicted': 'Contradicts the documents',
} as const;
