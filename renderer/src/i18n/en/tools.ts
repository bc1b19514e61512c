export const tools = {
  'tools.name.search_documents': 'Search documents',
  'tools.name.read_document': 'Read a document',
  'tools.name.calculator': 'Calculator',
  'tools.name.date_time': 'Date and time',
  'tools.note.search_documents': 'in the documents of the conversation',
  'tools.note.read_document': 'in the documents of the conversation',
  'tools.note.calculator': 'arithmetic',
  'tools.note.date_time': 'of this machine',
  'tools.consent.off': 'Off',
  'tools.consent.ask': 'Ask each time',
  'tools.consent.allow': 'Allow',

  'tools.pick': 'Tools: {name}',
  'tools.pick.name': '{count, plural, =0 {No tools} one {# tool} other {# tools}}',
  'tools.pick.title': 'What models may use',
  'tools.pick.text':
    'Holds for every conversation. No tool reaches the network or files outside your library. Small models often use tools badly.',

  'tools.ask': 'The model wants to use {name}',
  'tools.ask.once': 'Allow once',
  'tools.ask.always': 'Always allow',
  'tools.ask.never': 'Don’t allow',
  'tools.phase.asking': 'Waiting for you: may the model use {name}?',
  'tools.phase.running': 'Using {name}',
  'tools.phase.thinking': 'Thinking',

  'tools.state.asking': 'Asks to use {name}: {what}',
  'tools.state.running': 'Using {name}: {what}',
  'tools.state.done': 'Used {name}: {what}',
  'tools.state.failed': '{name} did not work: {what}',
  'tools.state.refused': 'Not allowed: {name}',
  'tools.state.ended': 'Not run: {name}',
  'tools.unreadable': 'A tool call that could not be read',
  'tools.arguments': 'Asked with',
  'tools.result': 'Answered to the model',
  'tools.limit':
    'The model went on calling tools {rounds, plural, one {# time} other {# times}} without coming to an end, so it was stopped.',

  'tools.thinking': 'Thinking, {time}',
  'tools.thought': 'Thought for {time}',
} as const;
