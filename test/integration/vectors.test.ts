import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../electron/ipc/app-error.ts';
import { watchedRepository } from '../../electron/storage/repositories/watched.ts';
import { sql } from '../../electron/storage/sql.ts';
import { createFakeEmbedder } from '../support/word-embedder.ts';
import { quick, setUpVectors } from '../support/vectors-setup.ts';
import type { VectorsSetup } from '../support/vectors-setup.ts';

vi.setConfig({ testTimeout: 120_000 });

const open: VectorsSetup[] = [];
function start(...args: Parameters<typeof setUpVectors>): VectorsSetup {
  const setup = setUpVectors(...args);
  open.push(setup);
  return setup;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((setup) => setup.close()));
});

const animals = [
  'Dogs sleep near the kitchen stove every winter evening.',
  'Cats prefer the window above the garden.',
  'The parrot repeats whatever the postman says.',
];
const numbered = (from: number, count: number): string[] =>
  Array.from(
    { length: count },
    (_, at) => `Report number ${from + at} speaks about subject${from + at} alone.`,
  );
const textsAsked = ({ fake }: VectorsSetup): string[] =>
  fake.requests.filter(({ use }) => use === 'passage').flatMap(({ texts }) => texts);

describe('vectors of passages', () => {
  it('are made of heading and text, several a request, once each', async () => {
    const setup = start();
    setup.put('animals', [...animals, ...numbered(0, 30)], { heading: 'House › Rules' });
    await setup.made();
    expect(setup.having()).toHaveLength(33);
    const asked = textsAsked(setup);
    expect(new Set(asked).size).toBe(33);
    expect(asked.filter((text) => text.startsWith('House › Rules\nDogs sleep'))).toHaveLength(1);
    expect(setup.fake.requests.filter(({ use }) => use === 'passage').length).toBeLessThan(20);
    expect(setup.fake.leased).toBe(0);
    expect(setup.vectors.state()).toMatchObject({
      vectors: 'ready',
      done: 33,
      total: 33,
      model: 'Fake words',
    });
  });

  it('of a changed file are made for what changed only, and go with their passages', async () => {
    const setup = start();
    setup.put('animals', animals);
    await setup.made();
    const before = textsAsked(setup).length;
    setup.put('animals', [animals[2] ?? '', 'Hamsters run all night.', animals[0] ?? '']);
    await setup.made();
    expect(textsAsked(setup).slice(before)).toEqual(['Hamsters run all night.']);
    expect(setup.having().toSorted()).toEqual(
      [animals[2], 'Hamsters run all night.', animals[0]].toSorted(),
    );
    expect(await setup.names('hamsters')).toEqual(['animals']);
    setup.remove('animals');
    expect(setup.having()).toEqual([]);
    expect(await setup.names('hamsters')).toEqual([]);
  });

  it('are not those of a passage that took the place of another while they were made', async () => {
    const setup = start();
    setup.put('animals', animals);
    setup.fake.requestMs = 30;
    setup.vectors.wake();
    while (setup.fake.requests.length === 0) await pause(1);
    // SQLite gives the rowids of the last rows again.
    setup.remove('animals');
    setup.put('plants', ['Roses need water.', 'Ivy climbs walls.', 'Moss likes shade.']);
    setup.fake.requestMs = 0;
    await setup.made();
    expect(textsAsked(setup)).toHaveLength(6);
    expect(await setup.names('parrot postman')).toEqual([]);
  });

  it('of another model are never used, and make room for those of the new one', async () => {
    const setup = start();
    setup.put('animals', [...animals, ...numbered(0, 20)]);
    await setup.made();
    setup.busy = true;
    setup.fake.use('fake-2');
    expect(setup.vectors.state()).toMatchObject({ vectors: 'partial', done: 0, total: 23 });
    expect(await setup.find('parrot postman')).toMatchObject({ by: 'words', why: 'no-vectors' });
    setup.busy = false;
    await setup.made();
    expect(setup.vectors.state()).toMatchObject({ vectors: 'ready', done: 23, total: 23 });
    expect((await setup.find('parrot postman')).by).toBe('words-and-meaning');
    expect(setup.db.all(sql`SELECT fingerprint, passages FROM vector_models`)).toEqual([
      { fingerprint: 'fake-2', passages: 23 },
    ]);
    expect(setup.having()).toHaveLength(23);
  });

  it('stay where no model is chosen for a while', async () => {
    const setup = start();
    setup.put('animals', animals);
    await setup.made();
    setup.fake.use(null);
    const nothing = { vectors: 'none', model: null, lack: 'none', done: 0, total: 3 };
    expect(setup.vectors.state()).toEqual(nothing);
    expect(await setup.find('parrot')).toMatchObject({ by: 'words', why: 'no-model' });
    setup.fake.use('fake-1');
    await setup.made();
    expect(textsAsked(setup)).toHaveLength(3);
  });

  it('wait while an answer is written, and where a person has paused', async () => {
    const setup = start();
    setup.put('animals', animals);
    setup.put('letters', ['Dear neighbour, the fence fell.'], { collection: 'letters' });
    setup.busy = true;
    setup.vectors.wake();
    await pause(30);
    expect(setup.having()).toEqual([]);
    const watched = watchedRepository(setup.db);
    watched.setPaused('papers', true);
    setup.busy = false;
    await setup.made(() => setup.having().length === 1);
    expect(setup.having()).toEqual(['Dear neighbour, the fence fell.']);
    watched.setPausedAll(true, 1);
    watched.setPaused('papers', false);
    setup.vectors.wake();
    await pause(30);
    expect(setup.having()).toHaveLength(1);
    watched.setPausedAll(false, 1);
    await setup.made();
    expect(setup.having()).toHaveLength(4);
  });

  it('leave out a passage that ends the model, and say why they wait', async () => {
    const setup = start();
    setup.put('animals', [...animals, ...numbered(0, 12)]);
    const problems = new Set<string>();
    setup.fake.fail = (texts) => {
      problems.add(setup.vectors.state().problem?.code ?? 'none');
      return texts.some((text) => text.includes('parrot'))
        ? new AppError('engine-crashed', 'the process ended')
        : null;
    };
    await setup.made();
    expect(setup.having()).toHaveLength(14);
    expect(problems).toContain('engine-crashed');
    expect(setup.vectors.state()).toMatchObject({ vectors: 'ready', done: 15 });
    expect(await setup.names('parrot')).toEqual(['animals']);
    // A new model may be able to.
    setup.fake.fail = () => null;
    setup.fake.use('fake-2');
    await setup.made();
    expect(setup.having()).toHaveLength(15);
  });

  it('are tried again after a load that failed', async () => {
    const setup = start();
    setup.put('animals', animals);
    let left = 3;
    setup.fake.fail = () =>
      (left -= 1) >= 0 ? new AppError('model-too-large', 'no memory') : null;
    await setup.made();
    expect(setup.vectors.state().problem).toBeUndefined();
    expect(setup.having()).toHaveLength(3);
  });
});

describe('finding by meaning', () => {
  const same = [
    ['dogs', 'hounds'],
    ['sleep', 'slumber'],
    ['stove', 'oven'],
  ] as const;

  it('brings up what says it in other words, and counts passages without vectors by their words', async () => {
    const setup = start({ fake: createFakeEmbedder({ same }) });
    setup.put('animals', animals);
    setup.put('reports', numbered(0, 60));
    await setup.made();
    const found = await setup.find('Where do hounds slumber, oven?');
    expect(found.by).toBe('words-and-meaning');
    expect(found.passages[0]).toMatchObject({ text: animals[0], near: true });
    expect(
      setup.finder.search('hounds slumber oven', { scope: { kind: 'all' }, limit: 5 }),
    ).toEqual([]);
    setup.busy = true;
    setup.put('late', ['A late note on hounds that slumber.']);
    const partial = await setup.find('hounds slumber');
    expect(setup.vectors.state().vectors).toBe('partial');
    expect(partial.passages[0]?.documentName).toBe('late');
    expect(partial.passages.map(({ documentName }) => documentName)).toContain('animals');
  });

  it('gives nothing where nothing stands out', async () => {
    const setup = start();
    setup.put('reports', numbered(0, 80));
    await setup.made();
    expect(await setup.names('zeppelin quartz umbrella')).toEqual([]);
  });

  it('keeps to scope, filters and excluded words', async () => {
    const setup = start({ fake: createFakeEmbedder({ same }) });
    setup.put('animals', animals);
    setup.put('house', ['The hounds slumber beside an oven, says the lease.'], {
      collection: 'contracts',
    });
    setup.put('reports', numbered(0, 60));
    await setup.made();
    const query = 'dogs sleep stove';
    expect((await setup.names(query)).toSorted()).toEqual(['animals', 'house']);
    expect(
      await setup.names(query, { scope: { kind: 'collection', collectionId: 'contracts' } }),
    ).toEqual(['house']);
    expect(
      await setup.names(query, { scope: { kind: 'document', documentId: 'animals' } }),
    ).toEqual(['animals']);
    expect(await setup.names(query, { scope: { kind: 'none' } })).toEqual([]);
    expect(await setup.names(query, { filters: { collections: ['contr'] } })).toEqual(['house']);
    expect(await setup.names(query, { filters: { files: ['anim'] } })).toEqual(['animals']);
    expect(await setup.names(query, { filters: { formats: ['pdf'] } })).toEqual([]);
    expect(await setup.names(query, { without: ['lease'] })).toEqual(['animals']);
  });

  it('does not wait for a model that takes long, nor for one that fails', async () => {
    const setup = start();
    setup.put('animals', animals);
    await setup.made();
    setup.fake.fail = () => new AppError('engine-crashed', 'the process ended');
    expect(await setup.find('parrot window')).toMatchObject({ by: 'words', why: 'failed' });
    setup.fake.fail = () => null;
    setup.fake.loadMs = 60_000;
    const late = await setup.find('parrot postman');
    expect(late).toMatchObject({ by: 'words', why: 'too-late' });
    expect(late.passages).toHaveLength(1);
  });

  it('ends with its question', async () => {
    const setup = start();
    setup.put('animals', animals);
    await setup.made();
    setup.fake.requestMs = 60_000;
    const stop = new AbortController();
    const asked = setup.finder.find('parrot', { scope: { kind: 'all' }, limit: 3 }, stop.signal);
    setTimeout(() => stop.abort(), 10);
    await expect(asked).rejects.toThrow();
    await vi.waitFor(() => expect(setup.fake.leased).toBe(0));
  });

  it('asks for a question that goes on together with the one before', async () => {
    const setup = start();
    setup.put('animals', animals);
    await setup.made();
    await setup.find('and in the evening?', {
      said: { questions: ['Where do dogs sleep?'], answers: ['At the stove.'] },
    });
    expect(setup.fake.requests.at(-1)).toEqual({
      texts: ['Where do dogs sleep?\nand in the evening?'],
      use: 'question',
    });
  });
});

describe('what counts as the same', () => {
  const stories = (count: number): string[] =>
    Array.from(
      { length: count },
      (_, at) =>
        `Machine${at} stands inside hall${at} since autumn${at}. Nobody repaired pump${at} during winter${at} until spring${at}.`,
    );

  it('is found out on the library, and unknown before', async () => {
    const setup = start();
    setup.put('few', stories(5));
    await setup.made();
    expect(setup.vectors.similarity()).toBeNull();
    setup.put('many', stories(60));
    await setup.made(() => setup.vectors.similarity() !== null);
    const similarity = setup.vectors.similarity();
    expect(similarity?.sameFrom).toBeGreaterThanOrEqual(0.6);
    const values = await similarity?.compare(
      'Nobody repaired pump7 during winter7 until spring7.',
      ['During winter7, until spring7, nobody repaired pump7.', 'Machine3 stands inside hall3.'],
      new AbortController().signal,
    );
    expect(values?.[0]).toBeGreaterThan(similarity?.sameFrom ?? 1);
    expect(values?.[1]).toBeLessThan(similarity?.sameFrom ?? 0);
    setup.fake.use('fake-2');
    expect(setup.vectors.similarity()).toBeNull();
  });

  it('is nothing with a model that takes all sentences for nearly one', async () => {
    const setup = start({ fake: createFakeEmbedder({ same: [] }), timing: quick });
    // Words of three letters are no words to the model: every text is the same vector.
    setup.put(
      'short',
      Array.from(
        { length: 40 },
        (_, at) => `We all go out now and see it ${at}. You may ask the man at the inn ${at}.`,
      ),
    );
    await setup.made();
    await setup.made(
      () =>
        (setup.db.get<{ at: number | null }>(sql`SELECT same_at AS at FROM vector_models`)?.at ??
          null) !== null,
    );
    expect(setup.vectors.similarity()).toBeNull();
  });
});
