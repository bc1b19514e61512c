// Makes vectors over a database until it is killed: test/integration/vectors-kill.test.ts.
import { createFakeEmbedder } from './word-embedder.ts';
import { setUpVectors } from './vectors-setup.ts';

const [file = '', fingerprint = ''] = process.argv.slice(2);
const fake = createFakeEmbedder({ fingerprint });
fake.requestMs = 3;
const setup = setUpVectors({ file, fake, timing: { request: 6 } });
setup.vectors.start();
const told = setInterval(() => {
  process.stdout.write(`${setup.vectors.state().done}\n`);
}, 2);
await setup.made();
clearInterval(told);
await setup.close();
