import { content, hostileServer, sha256 } from './hostile-server.ts';

// One well-behaved file server as a process of its own: seed, bytes, bytes a second a connection (0 = all).
const [seed = '1', bytes = '0', rate = '0'] = process.argv.slice(2);
const file = content(Number(seed), Number(bytes));
const server = await hostileServer({
  file: () => file,
  behave: () => (Number(rate) > 0 ? { rate: Number(rate) } : {}),
});
process.stdout.write(`${server.origin} ${sha256(file)}\n`);
