import { parentPort } from 'node:worker_threads';
import type { ParserMessage, ParserRequest } from '../../electron/documents/ingest/parser.ts';

/** A parser thread that does what a hostile document could make a real one do; the path says what. */
const post = (message: ParserMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ path, sha256 }: ParserRequest) => {
  if (path.endsWith('hang.txt')) for (;;);
  if (path.endsWith('wait.txt')) return;
  if (path.endsWith('fill.txt')) {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => index + kept.length));
  }
  if (path.endsWith('exit.txt')) process.exit(3);
  if (path.endsWith('throw.txt')) throw new Error('Geheimnis aus dem Dokument');
  if (path.endsWith('slow.txt')) {
    const beat = setInterval(() => post({ type: 'alive' }), 20);
    setTimeout(() => {
      clearInterval(beat);
      post({ type: 'done' });
    }, 400);
    return;
  }
  const text = 'The harmless document speaks of otters.';
  const page = { text, start: 0, width: null, height: null, spans: [], headings: [] };
  const passage = {
    id: sha256,
    ordinal: 0,
    page: null,
    heading: null,
    start: 0,
    end: text.length,
    text,
  };
  post({ type: 'pages', pages: [page] });
  post({ type: 'passages', passages: [passage] });
  post({ type: 'done' });
});
