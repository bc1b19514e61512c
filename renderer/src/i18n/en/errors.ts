export const errors = {
  'errors.action.retry': 'Try again',
  'errors.action.restart-core': 'Start it again',
  'errors.action.open-models': 'Open models',
  'errors.action.open-library': 'Open library',
  'errors.action.new-conversation': 'New conversation',

  'errors.invalid-argument.title': 'That input cannot be used',
  'errors.invalid-argument.text': 'Change it and try again.',
  'errors.not-found.title': 'It is no longer there',
  'errors.not-found.text': 'It may have been removed in the meantime.',
  'errors.cancelled.title': 'Stopped',
  'errors.cancelled.text': 'You stopped this.',
  'errors.internal.title': 'Something went wrong in Quarry',
  'errors.internal.text': 'The details are in the log. Trying again is safe.',
  'errors.core-unavailable.title': 'Quarry is starting again',
  'errors.core-unavailable.text': 'What was saved is safe. This works again in a moment.',
  'errors.turn-interrupted.title': 'This answer was cut off',
  'errors.turn-interrupted.text':
    'Quarry ended while it was being written. The text up to then was kept.',
  'errors.path-not-allowed.title': 'Quarry was not given this file',
  'errors.path-not-allowed.text': 'Choose it in the dialog or drop it on the window.',
  'errors.permission-denied.title': 'The file cannot be opened',
  'errors.permission-denied.text':
    '{named, select, yes {The system does not let Quarry read or write {name}.} other {The system does not let Quarry read or write it.}} Check its permissions.',
  'errors.disk-full.title': 'The disk is full',
  'errors.disk-full.text':
    '{sized, select, yes {{needed} are needed, {available} are free.} other {Nothing could be saved.}} Free some space, then try again.',
  'errors.database-newer.title': 'This profile was made by a newer Quarry',
  'errors.database-newer.text':
    'This version cannot read it without risk, so it was left untouched. Install the newer version.',
  'errors.database-locked.title': 'Another Quarry is using this profile',
  'errors.database-locked.text': 'Close the other one, then start again.',
  'errors.database-corrupt.title': 'The database is damaged',
  'errors.database-corrupt.text':
    'It was left untouched. A backup lies beside it in the data folder.',
  'errors.model-missing.title': 'The model file is gone',
  'errors.model-missing.text':
    '{named, select, yes {{name} is not at its place any more.} other {It is not at its place any more.}} Put it back, or import it again.',
  'errors.model-not-gguf.title': 'This is not a model file',
  'errors.model-not-gguf.text':
    '{named, select, yes {{name} is not in the GGUF format.} other {The file is not in the GGUF format.}} Quarry reads only that, and a name that ends in .gguf is no proof of it.',
  'errors.model-truncated.title': 'The model file is incomplete',
  'errors.model-truncated.text':
    '{named, select, yes {{name} ends too early.} other {The file ends too early.}} Most likely its download or copy was cut off: get it again.',
  'errors.model-architecture-unknown.title': 'This kind of model is not known',
  'errors.model-architecture-unknown.text':
    'The engine cannot run its architecture{architecture, select, other { ({architecture})}}. A newer Quarry may.',
  'errors.model-too-large.title': 'The model does not fit into memory',
  'errors.model-too-large.text':
    '{reason, select, killed {The system ended it while it was loading, for lack of memory. } allocation {The system gave it no more memory while it was loading. } other {}}{sized, select, yes {It needs {needed}{context, select, 0 {} other { with {context} tokens of context}}{sessions, plural, =0 {} one { for # conversation} other { for each of # conversations}}, {available} are available.} other {It needs more memory than is free. Choose a smaller model or a shorter context.}}',
  'errors.model-load-failed.title': 'The model could not be loaded',
  'errors.model-load-failed.text': 'The memory it took was given back. Trying again is safe.',
  'errors.model-not-loaded.title': 'The model is not loaded',
  'errors.model-not-loaded.text': 'Asking again loads it.',
  'errors.model-exists.title': 'This model is already there',
  'errors.model-exists.text':
    '{named, select, yes {It is in the list as {name}.} other {It is in the list.}}',
  'errors.model-busy.title':
    '{reason, select, loading {The model is being loaded otherwise} other {The model is answering}}',
  'errors.model-busy.text':
    '{reason, select, loading {Stop that first, or wait until it is done.} other {Stop the answer, or wait until it is done.{sized, select, yes { With {context} tokens of context it would need {needed}; {available} would be available.} other {}}}}',
  'errors.network-unreachable.title': 'The hub cannot be reached',
  'errors.network-unreachable.text':
    'Check the connection and the proxy: Test connection in Settings → Network says more.',
  'errors.download-failed.title': 'The file could not be fetched',
  'errors.download-failed.text':
    '{reason, select, denied {The hub does not give it out without an account: agree to its terms there, and enter an access token in Settings → Network.} missing {The hub does not have it.} busy {The hub is busy. Try again later.} other {The hub’s answer made no sense. Try again later.}}',
  'errors.download-mismatch.title': 'The hub has another file than expected',
  'errors.download-mismatch.text':
    'It differs from what the catalogue says, so it is not used. Nothing was installed.',
  'errors.engine-start-failed.title': 'The engine did not start',
  'errors.engine-start-failed.text': 'The details are in the log. Trying again is safe.',
  'errors.engine-crashed.title':
    '{reason, select, memory {Memory ran out and the system ended the engine} other {The engine stopped before the answer was finished}}',
  'errors.engine-crashed.text':
    '{reason, select, memory {{named, select, yes {{name}} other {The model}}{sized, select, yes { needs {needed} with {context} tokens of context, {available} are available now} other {}}. What was written is kept.} other {What was written so far is kept. Try again, or ask something else.}}',
  'errors.engine-crash-loop.title': 'This model ends the engine each time',
  'errors.engine-crash-loop.text':
    'The engine stopped {times, plural, other {# times}} in a row, so Quarry no longer starts {named, select, yes {{name}} other {it}} by itself. Check the file or choose another model under Models; Load there tries once more.',
  'errors.prompt-too-long.title': 'The message is too long for this model',
  'errors.prompt-too-long.text': 'Shorten it, or choose a model that reads more.',
  'errors.context-full.title': 'The conversation no longer fits into the model',
  'errors.context-full.text': 'Start a new conversation, or choose a model that holds more.',
  'errors.document-missing.title': 'The document is gone',
  'errors.document-missing.text':
    '{named, select, yes {{name} is not at its place any more.} other {It is not at its place any more.}}',
  'errors.document-unsupported.title': 'This kind of file cannot be read',
  'errors.document-unsupported.text':
    'Quarry reads PDF, Word, PowerPoint, Excel, OpenDocument, e-books, e-mail, web pages, notebooks, tables, source code and text. Save it as one of these.',
  'errors.document-empty.title': 'There is no text in this document',
  'errors.document-empty.text': 'Nothing in it can be searched or asked about.',
  'errors.document-too-large.title': 'The document is too large',
  'errors.document-too-large.text': 'Split it into parts and add those.',
  'errors.document-unreadable.title': 'The document is damaged',
  'errors.document-unreadable.text':
    'Its contents could not be read, or are not what its name says. Try to save it again with the program that made it.',
  'errors.document-encrypted.title': 'The document is locked by a password',
  'errors.document-encrypted.text': 'Save a copy without the password and add that.',
  'errors.document-mismatch.title': 'The file is not what its name says',
  'errors.document-mismatch.text':
    'It is named as {format} but holds {found, select, zip {an archive} gzip {an archive} 7z {an archive} rar {an archive} ole {an Office document of before 2007} image {a picture} program {a program} database {a database} other {{found}}}. Give it the ending of what it is and add it again.',
  'errors.document-needs-ocr.title': 'The document is pictures of text',
  'errors.document-needs-ocr.text':
    '{reason, select, missing {Text recognition needs Tesseract, which was not found on this machine. Install it, or add a copy with a text layer.} language {Tesseract lacks the languages {languages}. Install them, or choose others in the settings.} failed {Tesseract could not read them. A copy with a text layer can be added instead.} nothing {No text was recognised in them.} other {Switch on text recognition in the settings, or add a copy with a text layer.}}',
  'errors.parser-timeout.title': 'Reading the document took too long',
  'errors.parser-timeout.text': 'It was given up so that the others can be read.',
  'errors.parser-memory.title': 'Reading the document took too much memory',
  'errors.parser-memory.text': 'It was given up so that the others can be read.',
  'errors.parser-crashed.title': 'Reading the document failed',
  'errors.parser-crashed.text': 'The other documents were not affected.',
} as const;
