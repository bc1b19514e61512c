import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import type { ParserMessage, ParserRequest } from '../../electron/documents/ingest/parser.ts';

/** A parser thread that does what a hostile document could make a real one do; the file's text or path says what. */
const post = (message: ParserMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ path, documentId }: ParserRequest) => {
  const what = existsSync(path) ? readFileSync(path, 'utf8') : path;
  if (what.includes('hang')) for (;;);
  if (what.includes('wait')) return;
  if (what.includes('fill')) {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => index + kept.length));
  }
  if (what.includes('exit')) process.exit(3);
  if (what.includes('throw')) throw new Error('Geheimnis aus dem Dokument');
  if (what.includes('meet')) {
    // Ends only while the document whose sign it waits for is in work, or was: "meet", its sign, the other's.
    const [, own = '', other = ''] = what.split(' ');
    writeFileSync(own, '');
    const look = setInterval(() => {
      if (!existsSync(other)) return;
      clearInterval(look);
      post({ type: 'done' });
    }, 5);
    return;
  }
  if (what.includes('slow')) {
    const beat = setInterval(() => post({ type: 'alive' }), 20);
    setTimeout(() => {
      clearInterval(beat);
      post({ type: 'pages', pages: [] });
      post({ type: 'done' });
    }, 400);
    return;
  }
  const text = what.includes('young')
    ? `${roomForYoung()} MiB`
    : 'The harmless document speaks of otters.';
  const size = { width: null, height: null };
  const part = { kind: 'section' as const, title: null, isRecognised: false, blocks: '[]' };
  const page = { ...part, ...size, text, start: 0, spans: '[]', headings: '[]' };
  const passage = {
    id: documentId,
    ordinal: 0,
    page: null,
    heading: null,
    place: null,
    lead: '',
    start: 0,
    end: text.length,
    text,
  };
  post({ type: 'pages', pages: [page] });
  post({ type: 'passages', passages: [passage] });
  post({ type: 'done' });
});

/** MiB that V8 takes for young objects while many live a little. */
function roomForYoung(): number {
  const kept: unknown[] = [];
  let most = 0;
  for (let index = 0; index < 2_000_000; index += 1) {
    kept[index % 200_000] = { index, list: [index] };
    if (index % 20_000 > 0) continue;
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    most = Math.max(most, young?.space_size ?? 0);
  }
  return Math.round(most / 2 ** 20);
}
