export const settings = {
  'settings.title': 'Settings',
  'settings.opening': 'Opening the settings…',
  'settings.saved': 'Changes are kept at once.',

  'settings.appearance': 'Appearance',
  'settings.theme': 'Theme',
  'settings.theme.system': 'As the system',
  'settings.theme.light': 'Light',
  'settings.theme.dark': 'Dark',
  'settings.theme.contrast': 'High contrast',
  'settings.textSize': 'Text size',
  'settings.textSizeValue': '{size} px',
  'settings.language': 'Language',
  'settings.language.system': 'As the system',
  'settings.language.en': 'English',
  'settings.languageNote': 'More languages will follow.',

  'settings.answering': 'Answers',
  'settings.answeringNote': 'These hold from the next answer on.',
  'settings.temperature': 'Freedom (temperature)',
  'settings.temperatureNote':
    '0 always takes the likeliest word: best for questions about documents.',
  'settings.topP': 'Only likely words (top-p)',
  'settings.topPNote': 'Words beyond this share of all likelihood are never chosen.',
  'settings.topK': 'Only the first words (top-k)',
  'settings.topKNote': 'How many of the likeliest words are looked at. 0 = all.',
  'settings.topKAll': 'all',
  'settings.maxAnswer': 'Longest answer',
  'settings.tokens': '{count} tokens',

  'settings.engine': 'Engine',
  'settings.engineNote': 'These hold for models that are loaded from now on.',
  'settings.context': 'Context',
  'settings.contextNote': 'How much text a model holds at once. More takes more memory.',
  'settings.sessions': 'Conversations held at once',
  'settings.sessionsValue': '{count, plural, one {# conversation} other {# conversations}}',
  'settings.sessionsNote': 'A held conversation continues without being read again.',
  'settings.threads': 'Processor threads',
  'settings.threadsNote': 'Automatic measures which number is fastest on this machine.',
  'settings.threadsValue': '{count, plural, one {# thread} other {# threads}}',
  'settings.automatic': 'Automatic',

  'settings.data': 'Your data',
  'settings.dataFolder': 'Folder',
  'settings.dataRoom':
    'What takes room on this disk, saved states and their encryption stand at the end of Models.',
  'settings.dataModels': 'Open models',
  'settings.dataNote':
    'Conversations, settings and what was read from your documents are kept here and nowhere else.',
  'settings.copyFolder': 'Copy the folder’s path',
  'settings.quiet': 'No connection is made that you did not ask for.',
  'settings.quietNote':
    'Quarry sends nothing anywhere: no statistics, no account, no check for updates behind your back.',

  'settings.about': 'About',
  'settings.version': 'Quarry',
  'settings.engineVersion': 'Engine',
  'settings.nodeVersion': 'Node.js',
  'settings.machine': 'Machine',
  'settings.machineValue':
    '{memory} of memory, {cores, plural, one {# core} other {# cores}}, {platform}',
  'settings.licence':
    'Quarry is free software under the Apache License 2.0. The licences of its parts lie beside the program.',
} as const;
