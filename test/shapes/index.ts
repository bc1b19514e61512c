import { parseArgs } from 'node:util';
import { quantizations } from './mix.ts';
import type { Quantization } from './mix.ts';
import { shapeModel, shapeModels } from './models.ts';
import { sizeRows, sizeTable } from './sizes.ts';
import { tryShape } from './try.ts';
import { defaultSeed, ensureShape } from './write.ts';

const usage = `npm run shape -- MODEL [--quant ${quantizations.join('|')}] [--out FILE] [--seed N]
npm run shape -- [MODEL …] --dry-run     sizes only, beside the published ones
npm run shape -- MODEL --try             and answer once with it, on one thread: memory beside the formulas

Writes a model file of a real model's shapes, types and tokenizer size with random weights, for measuring
memory and speed without a download. Without --out it lies in .cache/shapes.
Models: ${shapeModels()
  .map((model) => model.id)
  .join(', ')}`;

try {
  await main();
} catch (error) {
  console.error(`shape: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quant: { type: 'string', default: 'Q4_K_M' },
      out: { type: 'string' },
      seed: { type: 'string', default: String(defaultSeed) },
      'dry-run': { type: 'boolean', default: false },
      try: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  if (values['dry-run']) {
    for (const id of positionals) shapeModel(id);
    console.log(sizeTable(sizeRows(positionals.length === 0 ? undefined : positionals)));
    return;
  }
  const [id] = positionals;
  if (id === undefined || positionals.length !== 1) throw new Error(`name one model\n\n${usage}`);
  const quantization = toQuantization(values.quant);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error('--seed takes a whole number from 0');
  const { model, file } = { model: shapeModel(id), file: values.out };
  const written = await ensureShape({
    ...{ id: model.id, quantization, seed },
    ...(file !== undefined && { file }),
  });
  const speed = `${(written.bytes / 1e9).toFixed(3)} GB in ${written.seconds.toFixed(1)} s`;
  console.log(`${written.path}\n${written.isNew ? speed : 'was already there'}`);
  if (values.try) console.log(await tryShape(written.path));
}

function toQuantization(given: string): Quantization {
  const found = quantizations.find((one) => one === given.toUpperCase());
  if (found === undefined) throw new Error(`--quant takes ${quantizations.join(', ')}`);
  return found;
}
