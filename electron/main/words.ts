/** The words that the operating system shows for us: menu and dialogs. Other languages stand beside. */
const english = {
  file: 'File',
  edit: 'Edit',
  view: 'View',
  window: 'Window',
  help: 'Help',
  newConversation: 'New conversation',
  search: 'Search conversations',
  settings: 'Settings…',
  chat: 'Chat',
  library: 'Library',
  models: 'Models',
  memory: 'Memory',
  shortcuts: 'Keyboard shortcuts',
  welcome: 'First steps',
  addDocuments: 'Add documents',
  addFolder: 'Add a folder',
  addModel: 'Add a model file',
  moveLibrary: 'Move the models to a folder',
  documents: 'Documents',
  checkSignature: 'Check a signature',
  signatureFiles: 'Signatures of models',
  modelFiles: 'Model files (GGUF)',
  allFiles: 'All files',
};

export const words: Readonly<typeof english> = english;
