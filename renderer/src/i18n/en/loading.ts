export const loading = {
  'load.title': 'Load {name}',
  'load.with': 'Load with…',
  'load.opening': 'Calculating what it needs…',

  'load.context': 'Context',
  'load.contextNote': 'How much text each conversation can hold. Trained for {limit} tokens.',
  'load.contextShort':
    'How much text each conversation can hold. This model is given {limit} tokens of it at most at a time: it was trained on no more.',
  'load.sessions': 'Conversations held at once',
  'load.sessionsNote': 'Each takes memory of its own, whether it is used or not.',

  'load.kv': 'Remembered text',
  'load.kv.f16': '16 bits',
  'load.kv.q8_0': '8 bits',
  'load.kv.q4_0': '4 bits',
  'load.kv.f16Note': 'Full precision (f16): what llama.cpp uses unless told otherwise.',
  'load.kv.q8_0Note':
    'Experimental (q8_0): {percent} of the memory for remembered text. Answers can differ slightly.',
  'load.kv.q4_0Note':
    'Experimental (q4_0): {percent} of the memory for remembered text. Answers can become worse, most of all in long texts.',
  'load.kv.settingNote':
    'The KV cache: what a model keeps of the text that it has read. Fewer bits take less memory.',
  'load.kv.fixed': 'The fixed state of a hybrid model is not changed by it.',

  'load.needs': '{total} predicted',
  'load.needsMost':
    'Up to {needed} must be free: {most} at most in use, {checkpoints, select, no {} other {{checkpoints} for turn checkpoints, }}{headroom} left to everything else.',
  'load.fits': 'Fits: {available} of {total} are free',
  'load.fitsOwn': 'Fits: {available} of {total} are free once it is unloaded',
  'load.makesRoom': 'Fits when {names} is unloaded: {available} of {total} are free',
  'load.no': 'Does not fit: {available} of {total} can be free',
  'load.accuracy':
    'Predictions on this machine have been within {percent}, {count, plural, one {# load} other {# loads}} so far.',
  'load.choices': 'What would fit',

  'load.remember': 'Always load this model so',
  'load.rememberNote': 'Otherwise the settings decide at the next load.',
  'load.again':
    'It is loaded with {context} tokens for {sessions, plural, one {# conversation} other {each of # conversations}}. Loading it anew drops what its conversations hold: each is read again at its next question. No message is lost.',
  'load.busy': 'It is writing an answer. Wait until that is done, or stop it.',
  'load.load': 'Load',
  'load.keep': 'Keep it so',
  'load.reload': 'Load anew',

  'load.choice.shorter': '{context} tokens of context',
  'load.choice.kv': 'remembered text in {bits} bits, {context} tokens',
  'load.choice.fewer':
    '{sessions, plural, one {# conversation} other {# conversations}} at once, {context} tokens',
  'load.choice.needs': '{choice}: {needed}',
  'load.choice.load': 'Load with {choice}',
  'load.choice.loadNeeds': 'Load with {choice}: needs {needed}',
  'load.choice.unloadFrees': 'Unload {name}: frees {bytes}',
  'load.experimental': 'Remembered text in 8 or 4 bits is experimental: answers can differ.',
} as const;
