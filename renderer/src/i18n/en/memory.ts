export const memory = {
  'memory.title': 'Memory',
  'memory.machine': '{used} of {total} used by models',
  'memory.machineNone': 'No model is using memory. This machine has {total}.',
  'memory.opening': 'Measuring…',
  'memory.emptyTitle': 'No model is loaded',
  'memory.emptyText':
    'Load one to see what it really takes, part by part, as the operating system measures it.',
  'memory.load': 'Load {name}',
  'memory.loading': 'Loading {name}, {percent}',
  'memory.openModels': 'Open models',

  'memory.measured': 'Measured',
  'memory.measuredNote': 'by the operating system',
  'memory.predicted': 'Predicted',
  'memory.predictedNote': 'before it was loaded',
  'memory.errorOver': '{percent} too much',
  'memory.errorUnder': '{percent} too little',
  'memory.errorNone': 'exact',
  'memory.setup':
    '{context} tokens for {sessions, plural, one {# conversation} other {each of # conversations}}',
  'memory.bar': '{kind}: {total}. {parts}',
  'memory.notResident':
    '{bytes} of the weights are not in memory yet: the system reads them from the file when they are needed.',
  'memory.parts': 'Parts of the memory of {name}',
  'memory.part': 'Part',
  'memory.notYet': 'Weights not in memory yet',
  'memory.minus': '−{bytes}',
  'memory.total': 'Total',

  'memory.part.weights': 'Weights',
  'memory.part.kv': 'Remembered text',
  'memory.part.recurrent': 'Fixed state',
  'memory.part.compute': 'Working space',
  'memory.part.output': 'Output',
  'memory.part.checkpoints': 'Turn checkpoints',
  'memory.part.rest': 'The engine itself',
  'memory.explain': 'What these parts are',
  'memory.explain.weights':
    'The model file, held in memory. The same for short and long conversations.',
  'memory.explain.kv':
    'KV cache of the attention layers: it grows with every token of context, for each conversation.',
  'memory.explain.recurrent':
    'State of the recurrent (Mamba-2) layers: the same size however long the text is, once for each conversation.',
  'memory.explain.compute': 'Compute buffers: what llama.cpp needs while it works on one batch.',
  'memory.explain.output': 'The scores of the next token over the whole vocabulary.',
  'memory.explain.checkpoints':
    'States kept at the end of turns, so that an edit does not read everything again.',
  'memory.explain.rest':
    'Node, llama.cpp’s code and its libraries: what the operating system counts beyond the parts above.',
  'memory.explain.error':
    'The prediction is computed from the file’s header before loading. Its error is (predicted − measured) ÷ measured.',

  'memory.chart': 'Memory of {name} over time',
  'memory.span': 'Span of time',
  'memory.span.minutes': '10 minutes',
  'memory.span.hour': '1 hour',
  'memory.span.day': '1 day',
  'memory.chartWait': 'Reading the measurements…',
  'memory.chartNone': 'No measurement in this span yet.',
  'memory.chartTable': 'The same as a table',
  'memory.time': 'Time',
  'memory.resident': 'Resident',

  'memory.matrix': 'What longer texts and more conversations would cost',
  'memory.matrixText':
    'Weights, remembered text and fixed state of {name}, computed. {free} of {total} are free now.',
  'memory.matrixTable': 'Memory by length of text and number of conversations',
  'memory.matrixHybrid':
    'The upper bar is this hybrid model. The lower bar is the same model if every layer were attention.',
  'memory.matrixDense':
    'Every layer of this model is attention, so its cost grows with the text in full.',
  'memory.matrixModel': 'Model',
  'memory.matrixWait': 'Computing…',
  'memory.contextRow': '{tokens} tokens',
  'memory.contextHead': 'Text each holds',
  'memory.sessionsColumn': '{count, plural, one {# conversation} other {# conversations}}',
  'memory.hybrid': 'hybrid',
  'memory.dense': 'all attention',
  'memory.asIs': 'this model',
  'memory.saves': '{percent} less',
  'memory.fits': 'fits',
  'memory.fitsNot': 'does not fit',
} as const;
