export const welcome = {
  'welcome.title': 'Welcome to Quarry',
  'welcome.lead':
    'Ask your own documents and check each answer on the marked page. All of it happens on this machine.',
  'welcome.what': 'What it does',
  'welcome.what.text':
    'Quarry runs language models here, answers from your files, shows which page supports each sentence, and measures what a model costs in memory.',
  'welcome.model': 'Choose a model',
  'welcome.model.text':
    'The miniature (demo) is built in ({size}) and answers at once, but only simple questions about short texts. For real work, get a Granite model that fits this machine, or add a file of your own.',
  'welcome.model.plain':
    'The miniature (demo) is built in and answers at once, but only simple questions about short texts. For real work, get a Granite model that fits this machine, or add a file of your own.',
  'welcome.try': 'Try the miniature now',
  'welcome.models': 'See the models',
  'welcome.documents': 'Add documents',
  'welcome.documents.text':
    'Drop a folder on this window, or choose one. PDF, Office, e-mail, web pages, notes and more are read and stay where they are.',
  'welcome.folder': 'Read a folder',
  'welcome.skip': 'Skip',
  'welcome.again': 'You find this page again under Help.',
} as const;
