export const queue = {
  'queue.see': 'See the queue',
  'queue.head': 'Queue',
  'queue.none': 'Nothing runs or waits.',
  'queue.of': 'What {name} works on and what waits for it',
  'queue.untitled': 'Untitled conversation',
  'queue.title': 'Name for: {title}',
  'queue.waiting':
    'Waits: {position, selectordinal, =0 {next in line} =1 {next in line} one {#st in line} two {#nd in line} few {#rd in line} other {#th in line}}',
  'queue.paused': 'Paused: answers go first',
  'queue.reading': 'Reading, {percent}',
  'queue.writing': 'Writing',
  'queue.stop': 'Stop',
  'queue.cancel': 'Cancel',
  'queue.stopNamed': 'Stop: {title}',
  'queue.cancelNamed': 'Cancel: {title}',

  'load.more': 'Threads and calculation',
  'load.threads': 'Threads',
  'load.automatic': 'Automatic',
  'load.threadsAuto.measured':
    'Automatic chose {count}: {tried, select, one {the machine has no other count to try} other {fastest of {tried} tried ({speed} tokens a second)}}. It is lowered while other programs need the cores.',
  'load.threadsAuto.settings': 'Automatic takes {count}, as the settings say.',
  'load.threadsAuto.later': 'Automatic measures at the first load and takes the fastest count.',
  'load.threadsOwn': 'Always {count}. Automatic would take {auto}.',
  'load.contextAuto.memory': 'Automatic would choose {context}: the most that fits now.',
  'load.contextAuto.least':
    'Automatic would choose {context}, the least there is: not even that fits now.',
  'load.contextAuto.trained':
    'Automatic would choose {context}: all that the model was trained for.',
  'load.contextAuto.usual':
    'Automatic would choose {context}, the most it takes by itself. You can choose more.',
  'load.contextAuto.settings': 'Automatic would choose {context}, as the settings say.',
  'load.contextAuto.demo': 'Automatic would choose {context}: the miniature needs no more.',
  'load.layers': 'Layers on {backend}',
  'load.layersNote': 'Automatic puts as many there as its memory holds, the rest on the processor.',
  'load.layersValue': '{count, plural, =0 {None} one {# layer} other {# layers}}',
  'load.flash': 'Flash attention',
  'load.flashNote': 'Automatic: on. Takes less memory in long texts; off is for comparing answers.',
  'load.flashNeeded': 'Remembered text in 8 or 4 bits needs it.',

  'settings.nameByModel': 'Let the model name conversations',
  'settings.nameByModelNote':
    'After the first answer, in the background. A question of yours always goes first. Otherwise the first line of the question is the name.',
} as const;
