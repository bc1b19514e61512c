// npm run catalog: writes resources/catalog.json from build/catalog-facts.mjs. With --check it writes
// nothing and says whether the file is what the facts give and whether the facts hold together.
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { join } from 'node:path';
import { format } from 'prettier';
import { asOf, models } from './catalog-facts.mjs';
import { root } from './setup/paths.mjs';

// A computed address: the compiler checks that side in a project of its own.
const size = await import(new URL('../electron/models/catalog/size.ts', import.meta.url).href);

/** Kibibytes of KV per token and bytes of state per session as the sources print them (granite.md §2.1). */
const table = {
  '350m': [28, 0],
  'h-350m': [4, 22_622_208],
  '1b': [80, 0],
  'h-1b': [8, 58_060_800],
  micro: [80, 0],
  'h-micro': [8, 77_377_536],
  'h-tiny': [8, 58_060_800],
  'h-small': [16, 154_644_480],
  '3b': [80, 0],
  '8b': [160, 0],
  '30b': [256, 0],
};

const catalog = {
  $schema: './catalog.schema.json',
  version: 1,
  asOf,
  models: models.map((model) => ({
    ...model,
    memory: model.shape === null ? null : size.memoryOf(model.shape),
  })),
};

/**
 * What is wrong with a catalogue, one line each.
 * @param {typeof catalog} read
 * @returns {string[]}
 */
function faults(read) {
  const schema = JSON.parse(readFileSync(join(root, 'resources/catalog.schema.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  const found = validate(read)
    ? []
    : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`);
  const ids = read.models.map((model) => model.id);
  found.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${id} stands twice`));
  for (const model of read.models) {
    if (model.shape === null) continue;
    const key = model.id.replace(/^granite-4\.\d-|-base$/g, '');
    const [kv = 0, state = 0] = table[/** @type {keyof typeof table} */ (key)] ?? [];
    if (model.memory?.kvBytesPerToken !== kv * 1024) found.push(`${model.id}: KV is not ${kv} KiB`);
    if (model.memory?.recurrentBytesPerSession !== state)
      found.push(`${model.id}: state is not ${state} bytes`);
    const counted = size.countParameters(model.shape);
    const stated = Number(model.parameters ?? counted);
    if (Math.abs(counted / stated - 1) > 0.03)
      found.push(`${model.id}: the shape has ${counted} parameters, stated are ${stated}`);
    const names = (model.gguf?.files ?? []).map((file) => file.name);
    if (new Set(names).size !== names.length) found.push(`${model.id}: a file name stands twice`);
  }
  return found;
}

const path = join(root, 'resources/catalog.json');
const isCheck = process.argv.includes('--check');
const problems = faults(isCheck ? JSON.parse(readFileSync(path, 'utf8')) : catalog);
// Compared as values: the formatter decides how the file is laid out.
if (isCheck && JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))) !== JSON.stringify(catalog)) {
  problems.push('catalog.json is not what the facts give: run `npm run catalog`');
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length === 0 && !isCheck) {
  writeFileSync(path, await format(JSON.stringify(catalog), { parser: 'json', printWidth: 100 }));
}
const count = catalog.models.reduce((sum, { gguf }) => sum + (gguf?.files.length ?? 0), 0);
if (problems.length === 0) {
  process.stdout.write(`catalogue ok: ${catalog.models.length} models, ${count} files\n`);
}
process.exitCode = problems.length === 0 ? 0 : 1;
