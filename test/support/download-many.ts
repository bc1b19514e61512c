import { setUp } from './downloads-setup.ts';

// Downloads many files one after the other in its queue, or goes on with them, until all are told of
// or this process is killed. Each finished one is told to the parent, and forgotten when it says so.
const [folder = '', origin = '', count = '0', bytes = '0', ...hashes] = process.argv.slice(2);
const made = setUp({
  folder,
  tuning: {
    active: 4,
    connections: 4,
    piece: 4 * 1024 * 1024,
    readTimeout: 400,
    slowRate: 40_000,
    slowWindow: 300,
    saveEvery: 50,
    saveBytes: 1024 * 1024,
    patience: 12,
  },
});
await made.downloads.recover();
const rows = new Map(made.downloads.list().map((row) => [row.fileName, row.id]));
// Only the first run puts them in line: what is gone from the table has been told of.
const first = rows.size === 0;
for (let index = 0; first && index < Number(count); index += 1) {
  const fileName = `m${index}`;
  const id = await made.downloads.start({
    // Half of them behind a redirect to a signed address.
    url: `${origin}${index % 2 === 0 ? '/r' : ''}/${fileName}`,
    fileName,
    sha256: hashes[index % hashes.length] ?? null,
    bytes: Number(bytes),
    subject: fileName,
  });
  rows.set(fileName, id);
}
const gone = new Map<string, () => void>();
// Nobody is left to tell: the parent was stopped.
process.on('disconnect', () => process.exit(1));
process.on('message', (name: string) => gone.get(name)?.());
await Promise.all(
  [...rows].map(async ([name, id]) => {
    const row = await made.downloads.settled(id);
    const events = made.downloads.log(id).map(({ event }) => event);
    const told = new Promise<void>((resolve) => gone.set(name, resolve));
    process.send?.({
      name,
      row: {
        state: row?.state,
        failure: row?.failure,
        fetched: row?.fetched,
        startOvers: row?.startOvers,
        quarantined: events.includes('quarantined'),
      },
    });
    await told;
    await made.downloads.cancel(id);
  }),
);
process.exit(0);
