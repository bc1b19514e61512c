export const backends = {
  'backends.title': 'What runs the models',
  'backends.note':
    'Quarry tries what this machine has on small models, in a process of its own, and takes the first that gives the answers of the processor.',
  'backends.opening': 'Looking at what this machine has…',
  'backends.choice': 'Run models on',
  'backends.choiceNote': 'For models loaded from now on.',
  'backends.auto': 'Automatic',
  'backends.autoNow': 'Automatic (now: {name})',
  'backends.only': 'Processor only',
  'backends.table': 'What was tried',
  'backends.used': 'Used',
  'backends.try': 'Try again',
  'backends.trying': 'Trying what this machine has…',
  'backends.triedOn': 'Tried on {day}.',
  'backends.denseOnly': 'Dense models only: hybrids run on the processor.',
  'backends.wished': '{name} was chosen and does not work here now.',

  'backends.name':
    '{name, select, cpu {Processor} metal {Metal} cuda {CUDA} vulkan {Vulkan} other {{own} (own build)}}',
  'backends.works': 'Works.',
  'backends.worksOn': 'Works: {devices}, {memory} of memory.',
  'backends.worksOnNamed': 'Works: {devices}.',

  'backends.reason.not-tried': 'Not tried yet.',
  'backends.reason.not-tried-needless': 'Not tried: a better way works.',
  'backends.reason.processor': 'Always there. Needs no trial.',
  'backends.reason.not-built': 'Not built for this system.',
  'backends.reason.no-driver': 'No {name} driver was found.',
  'backends.reason.no-device': 'No {name} device was found.',
  'backends.reason.does-not-load':
    'Its driver is there, but {name} does not load: a library is missing or too old.',
  'backends.reason.crashed': 'The driver of {name} ended the trial.',
  'backends.reason.timed-out': 'The trial did not end in time.',
  'backends.reason.failed': 'It loads, and then does not calculate.',
  'backends.reason.different': 'It gave different answers than the processor.',
  'backends.reason.crashed-in-use':
    'It crashed while a model ran on it. It is not used until it is tried again.',
  'backends.reason.platform': 'It was built for another system.',
  'backends.reason.release':
    'It was built for another release of llama.cpp. Build it again with its recipe.',
  'backends.reason.changed': 'Its files are not those that were built. Build it again.',
  'backends.reason.unreadable': 'Its folder has no readable description. Build it again.',
} as const;
