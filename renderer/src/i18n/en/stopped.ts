export const stopped = {
  'library.state.stopped': 'not read, stopped',
  'stopped.line':
    '{count, plural, one {# document is not read, because reading was stopped} other {# documents are not read, because reading was stopped}}',
  'stopped.goOn': '{count, plural, one {Read it now} other {Read them now}}',
  'stopped.toast': 'Stopped reading “{name}”. What is not read yet stays in the list.',
  'stopped.show': 'Show the list',
  'stopped.count': '{count, plural, one {# not read, stopped} other {# not read, stopped}}',
} as const;
