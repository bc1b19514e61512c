export const storage = {
  'tasks.move': 'Moving the models to {name}',

  'errors.library-missing.title': 'The disk with your models is not connected',
  'errors.library-missing.text':
    'They are in {path}. Connect that disk: the models come back by themselves.',
  'errors.library-busy.title': 'The models are being moved',
  'errors.library-busy.text': 'Wait until that is done, or stop it first.',
  'errors.folder-unusable.title': 'The models cannot move there',
  'errors.folder-unusable.text':
    '{reason, select, same {They are in {path} already.} inside {{path} lies inside the place they would be moved from.} foreign {{path} holds the models of another Quarry.} filled {Other files are in {path}.} other {There is no such folder.}} Choose another folder.',
  'errors.copy-mismatch.title': 'A copy was not the same',
  'errors.copy-mismatch.text':
    'Nothing was moved, and all models are where they were. The other disk may be failing.',

  'storage.title': 'Storage',
  'storage.lead': 'What Quarry keeps on this machine: {all}.',
  'storage.parts': 'What takes the room',
  'storage.kind.models': 'Models',
  'storage.kind.downloads': 'Downloads and copies under way',
  'storage.kind.quarantined': 'Downloads with wrong bytes, set aside',
  'storage.kind.leftovers': 'Leftover files',
  'storage.kind.documents': 'Copies of your documents',
  'storage.kind.database': 'Conversations and what was read (database)',
  'storage.kind.backups': 'Backups of the database',
  'storage.kind.states': 'Saved states of models',
  'storage.kind.rest': 'Window and logs',
  'storage.files': '{count, plural, one {# file} other {# files}}',

  'storage.place': 'Place of the models',
  'storage.free': '{free} of {total} free on this disk',
  'storage.copyPath': 'Copy the path',
  'storage.move': 'Move to another disk…',
  'storage.moveBack': 'Move back to the profile',
  'storage.away': 'The disk with your models is not connected',
  'storage.awayText':
    'Connect it: the models come back by themselves. Until then they cannot be loaded, copied in or fetched.',
  'storage.awayModel':
    'It is on a disk that is not connected ({path}). Connect it, and it comes back.',
  'storage.moveTitle': 'Move the models?',
  'storage.moveBackTitle': 'Move the models back?',
  'storage.moveText':
    '{count, plural, =0 {No model is copied into Quarry yet. Those that come go} one {# model ({size}) goes} other {# models ({size}) go}} into a folder Quarry in {path}.',
  'storage.moveBackText':
    '{count, plural, =0 {No model is there. Those that come go} one {# model ({size}) goes} other {# models ({size}) go}} into Quarry’s own data folder.',
  'storage.moveNote':
    'Downloads go along. Models that are used where they lie stay there. Loaded models are unloaded at the end.',
  'storage.moveConfirm': 'Move',
  'storage.moving': 'Moving to {to}',
  'storage.movingFile': 'File {file} of {files}',
  'storage.movingWait': 'Waiting for its turn',
  'storage.movingCopy':
    'Each file is copied, read back and compared. Nothing is deleted before all are there.',
  'storage.movingDelete': 'All models are at the new place. The old files are being deleted.',
  'storage.stop': 'Stop moving',
  'storage.moved': 'The models are in {folder} now.',

  'storage.models': 'Each model',
  'storage.model': 'Model',
  'storage.takes': 'On disk',
  'storage.removing': 'Removing it',
  'storage.checked': 'Last checked',
  'storage.frees': 'frees {size}',
  'storage.freesNone.builtin': 'cannot be removed',
  'storage.freesNone.copied': 'frees nothing',
  'storage.freesNone.referenced': 'frees nothing: the file is not Quarry’s',
  'storage.missing': 'missing',
  'storage.remove': 'Remove…',
  'storage.removeNamed': 'Remove… {name}',
  'storage.removeTitle': 'Remove {name}?',
  'storage.removeFrees':
    'Quarry’s copy is deleted, which frees {size}. This cannot be undone. Conversations written with it stay.',
  'storage.removeNothing':
    'It leaves the list. This frees nothing: the file is not Quarry’s, so it stays where it is.',
  'storage.removeShared':
    'Quarry’s copy is deleted. This frees nothing now: the file is not there, or shares its bytes with another.',
  'storage.removeConfirm': 'Remove',
  'storage.never': 'not yet',
  'storage.today': 'today',
  'storage.days': '{days, plural, one {yesterday} other {# days ago}}',
  'storage.changed': 'changed, seen {day}',

  'storage.check': 'Checks',
  'storage.checkNote':
    'Disks lose bits without saying so. Quarry reads each file again while it has nothing else to do and compares.',
  'storage.checkEvery': 'Check model files again',
  'storage.every.never': 'Never',
  'storage.every.month': 'Every 30 days',
  'storage.every.week': 'Every 7 days',
  'storage.checkAll': 'Check all now',
  'storage.checkStop': 'Stop checking',

  'storage.leftovers': 'Leftovers',
  'storage.leftoversNote':
    'Files in the folder of the models that belong to nothing in the list. Those that Quarry did not make are left alone.',
  'storage.left.import': 'copy that was cut off',
  'storage.left.move': 'move that was cut off',
  'storage.left.download': 'download that was given up',
  'storage.left.quarantine': 'download with wrong bytes',
  'storage.left.model': 'model that is not in the list',
  'storage.left.foreign': 'not made by Quarry: stays',
  'storage.clean': 'Delete {count, plural, one {# leftover} other {# leftovers}}, {size}',
  'storage.cleanTitle': 'Delete leftovers?',
  'storage.cleanText':
    '{count, plural, one {# file} other {# files}} in {folder}, {size}. This cannot be undone.',
  'storage.cleanConfirm': 'Delete',
  'storage.cleaned': '{count, plural, one {# leftover} other {# leftovers}} deleted, {size} freed.',

  'storage.changedNotice':
    '{name} has changed on the disk: its bytes are no longer those that were checked before.',
  'storage.changedOpen': 'Open models',
} as const;
