import type { Sequence } from './operations.ts';
import { createJudges } from './references.ts';
import { runSequence } from './run.ts';

// Runs sequences that its parent sends, in a process of its own: llama.cpp ends the process where it finds
// something it does not expect, and writes to standard error whatever it likes.
const folder = process.argv[2];
if (folder === undefined) throw new Error('a folder is needed');
const judges = createJudges(folder);
process.on('message', (sequence: Sequence) => {
  void runSequence(sequence, judges, folder).then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit(0));
