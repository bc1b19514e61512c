import { setUp } from './downloads-setup.ts';

// Downloads one file, or goes on with it, until it is done or this process is killed.
const [folder = '', url = '', sha256 = '', bytes = '0'] = process.argv.slice(2);
const made = setUp({
  folder,
  // As on a disk with time to flush, so that little is lost at a kill.
  tuning: {
    piece: 1024 * 1024,
    connections: 4,
    readTimeout: 5000,
    slowRate: 0,
    saveBytes: 64 * 1024,
    saveEvery: 10,
  },
});
await made.downloads.recover();
const id =
  made.downloads.list()[0]?.id ??
  (await made.downloads.start({
    url,
    fileName: 'model.gguf',
    sha256,
    bytes: Number(bytes),
    subject: 'kill',
  }));
const end = await made.downloads.settled(id);
process.stdout.write(`${end?.state} ${end?.failure}\n`);
process.exit(end?.state === 'done' ? 0 : 1);
