export const waiting = {
  'waiting.sending': 'Sending: {text}',
  'waiting.kept.sending': 'These words stay here until the question before them is sent.',
  'waiting.kept.running':
    'These words stay here until the answer above is finished. Stop ends it now.',

  'waiting.list.answering': 'being answered',
  'waiting.list.waiting': 'waits for its turn',
  'waiting.list.asking': 'asks for your permission',
  'waiting.list.unread': 'new answer',
  'waiting.rail':
    '{count, plural, one {# conversation has a new answer} other {# conversations have a new answer}}',
} as const;
