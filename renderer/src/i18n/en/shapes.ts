export const shapes = {
  'shapes.what':
    'Random weights in the shape of a real model: for measuring memory and speed. It cannot answer.',
  'errors.model-is-shape.title': 'This model is for measuring only',
  'errors.model-is-shape.text':
    'Its weights are random, so it cannot answer. Choose another model for this conversation.',
} as const;
