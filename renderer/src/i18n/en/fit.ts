export const fit = {
  'fit.shortcut': 'Choose the model',
  'fit.another': 'Choose another model',
  'fit.pick.fits': 'fits, needs {size}',
  'fit.pick.makesRoom': 'needs {size}; unloads {names}',
  'fit.pick.no': 'does not fit: needs {needed}, {free} free',

  'fit.first.loaded': '{time} to first token, {load} of it loading',
  'fit.first.switched': '{time} to first token after switching from {name}',
  'fit.first.switchedLoaded':
    '{time} to first token after switching from {name}, {load} of it loading',

  'fit.smaller': '{name} would fit: it needs {needed}.',
  'fit.unload': 'Unload {name}',

  'fit.speed': 'about {low}–{high} tokens a second',
  'fit.speedHead': 'Speed',
  'fit.speed.bandwidth':
    'The speed is calculated: bytes of weights that each token reads, by the measured speed of reading memory. It is for short texts; long ones are slower.',
  'fit.speed.answers':
    'The speed is calculated from how fast answers were written here and from the bytes of weights that each token reads. It is for short texts; long ones are slower.',
  'fit.sentence':
    '{name} {quantization}: {memory} at {context} tokens; you have {total}, {free} free.',
  'fit.bandwidth':
    'Memory is read at {all} a second by {threads, plural, one {# thread} other {# threads}}, {one} by a single one. Measured on {day}.',
  'fit.graphics': 'Graphics: {devices}, {total} of memory. Speeds on it are not predicted.',
  'fit.measuring': 'Measuring how fast memory is read…',
  'fit.measureAgain': 'Measure again',
} as const;
