import { createFakeLauncher } from '../../electron/engine/fake.ts';
import { createBench } from '../integration/models-support.ts';

// Goes on with a move that was cut off, or begins one to the given folder, until it is done or this
// process is killed. `copy` = as if the disk knew no second names.
const [profile = '', to = '', how = 'copy'] = process.argv.slice(2);
const bench = createBench(
  createFakeLauncher(),
  profile,
  how === 'copy' ? { disk: { link: () => Promise.reject(new Error('no')) } } : {},
);
await bench.models.ready;
const running = bench.tasks.list().find(({ kind }) => kind === 'move')?.id;
process.stdout.write('ready\n');
const taskId = running ?? (await bench.models.handlers['models.move']({ paths: [to] })).taskId;
await bench.tasks.finished(taskId);
await bench.close();
