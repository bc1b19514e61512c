export const embedding = {
  'embedding.title': 'Finding passages',
  'embedding.note':
    'Documents are always searched by their words. An embedding model also finds passages that say the same in other words.',
  'embedding.model': 'Embedding model',
  'embedding.automatic': 'Automatic',
  'embedding.automaticNote': 'The one added last',
  'embedding.off': 'None',
  'embedding.offNote': 'Words only',
  'embedding.away': '{name} (its file is gone)',
  'embedding.gone': 'A model that was removed',
  'embedding.status.none': 'None installed: documents are found by their words.',
  'embedding.status.off': 'Not used: documents are found by their words.',
  'embedding.status.missing':
    'The chosen model is not there. Until it is back, documents are found by their words.',
  'embedding.status.checking': '{name} is in use as soon as its file was read once.',
  'embedding.status.resting':
    '{name} is loaded when it is needed, takes about {bytes} of memory, and goes after five minutes without use.',
  'embedding.status.loading': 'Loading {name}.',
  'embedding.status.ready': '{name} is loaded and holds {bytes} of memory.',
  'embedding.status.failed': '{name} could not be loaded: documents are found by their words.',
  'embedding.how':
    'Choose a GGUF file of an embedding model from this machine, or paste its place on the hub, such as {place}. Most take less than 1 GB.',
  'embedding.add': 'Add an embedding model',
  'embedding.unload': 'Unload',
  'embedding.unloadNamed': 'Unload {name}',
  'embedding.opening': 'Looking for embedding models.',
  'embedding.sentence':
    'Finds passages by meaning and writes no text: {parameters} parameters, vectors of {dimensions} numbers.',
  'embedding.other': 'Writes no text and makes no vectors: Quarry has no use for it.',
  'embedding.inUse': 'Finds passages',
  'embedding.use': 'Use',
  'embedding.useNamed': 'Use {name} to find passages',
  'embedding.used': '{name} finds passages from now on.',
  'embedding.setup': 'Finds passages, texts of up to {tokens} tokens',
  'embedding.errorNone': 'Compared with the prediction after its first text.',
  'errors.model-not-embedding.title': 'This model cannot find passages',
  'errors.model-not-embedding.text':
    'It writes answers and makes no vectors of texts. Choose an embedding model in Models.',
  'errors.model-not-writing.title': 'This model does not write',
  'errors.model-not-writing.text':
    'It finds passages by meaning. Choose another model for this conversation.',
} as const;
