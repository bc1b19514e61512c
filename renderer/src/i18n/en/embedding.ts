export const embedding = {
  'errors.model-not-embedding.title': 'This model cannot find passages',
  'errors.model-not-embedding.text':
    'It writes answers and makes no vectors of texts. Choose an embedding model in Models.',
  'errors.model-not-writing.title': 'This model does not write',
  'errors.model-not-writing.text':
    'It finds passages by meaning. Choose another model for this conversation.',
} as const;
