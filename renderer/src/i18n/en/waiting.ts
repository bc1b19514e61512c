export const waiting = {
  'waiting.sending': 'Sending: {text}',
  'waiting.kept.sending': 'These words stay here until the question before them is sent.',
  'waiting.kept.running':
    'These words stay here until the answer above is finished. Stop ends it now.',
} as const;
