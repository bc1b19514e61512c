import { AppError } from './app-error.ts';

/**
 * A schema as text, in the part of JSON Schema that an answer can be held to. Throws AppError 'invalid-argument' (detail:
 * reason 'schema', field = where, such as `$.properties.age.type`) for anything else: a keyword that
 * would be passed over in silence is worse than a refusal.
 */
export function readSchema(text: string): object {
  const root = record(parsed(text), '$');
  check(root, '$', new Set(definitionsOf(root, '$')), 0);
  return root;
}

const words = new Set([
  'title',
  'description',
  '$schema',
  '$id',
  '$comment',
  'examples',
  'default',
]);
const types = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'];
const plain = types.slice(0, 5);
const keywords: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'format'],
  object: ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
};
const deepest = 64;

function check(
  schema: Record<string, unknown>,
  at: string,
  defs: ReadonlySet<string>,
  depth: number,
): void {
  if (depth > deepest) throw refused(at, 'is nested too deeply');
  const form = ['$ref', 'const', 'enum', 'oneOf', 'anyOf', 'type'].find((key) => key in schema);
  const inner = (value: unknown, path: string): void => {
    const one = record(value, path);
    check(one, path, new Set([...defs, ...definitionsOf(one, path)]), depth + 1);
  };
  for (const [name, one] of Object.entries(recordOr(schema['$defs'], `${at}.$defs`))) {
    inner(one, `${at}.$defs.${name}`);
  }
  const { type } = schema;
  const known =
    form === 'type' && typeof type === 'string' ? (keywords[type] ?? []) : ([] as string[]);
  for (const key of Object.keys(schema)) {
    if (key === form || key === '$defs' || words.has(key) || known.includes(key)) continue;
    throw refused(`${at}.${key}`, 'is not supported here');
  }
  switch (form) {
    case undefined:
      throw refused(at, 'has no type');
    case 'anyOf':
      throw refused(`${at}.anyOf`, 'is not supported; oneOf is');
    case '$ref': {
      const target = /^#\/\$defs\/([^/]+)$/.exec(String(schema['$ref']))?.[1];
      if (target === undefined || !defs.has(target)) {
        throw refused(`${at}.$ref`, 'names nothing in $defs');
      }
      return;
    }
    case 'const':
      if (!isScalar(schema['const'])) throw refused(`${at}.const`, 'is no plain value');
      return;
    case 'enum':
      list(schema['enum'], `${at}.enum`).forEach((one, index) => {
        if (!isScalar(one)) throw refused(`${at}.enum[${index}]`, 'is no plain value');
      });
      return;
    case 'oneOf':
      list(schema['oneOf'], `${at}.oneOf`).forEach((one, index) =>
        inner(one, `${at}.oneOf[${index}]`),
      );
      return;
  }
  if (Array.isArray(type)) {
    if (type.length === 0 || !type.every((one) => plain.includes(one as string))) {
      throw refused(`${at}.type`, `may list only ${plain.join(', ')}`);
    }
    return;
  }
  if (!types.includes(type as string)) throw refused(`${at}.type`, `must be ${types.join(', ')}`);
  for (const key of ['minLength', 'maxLength', 'minItems', 'maxItems'] as const)
    sizeAt(schema, key, at);
  for (const key of ['minProperties', 'maxProperties'] as const) sizeAt(schema, key, at);
  const { format } = schema;
  if (format !== undefined && !['date-time', 'time', 'date'].includes(format as string)) {
    throw refused(`${at}.format`, 'must be date-time, time or date');
  }
  const properties = recordOr(schema['properties'], `${at}.properties`);
  for (const [name, one] of Object.entries(properties)) inner(one, `${at}.properties.${name}`);
  if (schema['required'] !== undefined) {
    const required = list(schema['required'], `${at}.required`, true);
    const missing = required.find((one) => !Object.hasOwn(properties, String(one)));
    if (missing !== undefined) throw refused(`${at}.required`, 'names what is no property');
  }
  const { additionalProperties: more, items } = schema;
  if (more !== undefined && typeof more !== 'boolean') inner(more, `${at}.additionalProperties`);
  if (items !== undefined) inner(items, `${at}.items`);
  if (schema['prefixItems'] !== undefined) {
    list(schema['prefixItems'], `${at}.prefixItems`).forEach((one, index) =>
      inner(one, `${at}.prefixItems[${index}]`),
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refused('$', 'is not JSON');
  }
}

function sizeAt(schema: Record<string, unknown>, key: string, at: string): void {
  const value = schema[key];
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > 10_000) {
    throw refused(`${at}.${key}`, 'must be a whole number from 0 to 10000');
  }
}

function definitionsOf(schema: Record<string, unknown>, at: string): string[] {
  return Object.keys(recordOr(schema['$defs'], `${at}.$defs`));
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw refused(at, 'must be an object');
}

function recordOr(value: unknown, at: string): Record<string, unknown> {
  return value === undefined ? {} : record(value, at);
}

function list(value: unknown, at: string, mayBeEmpty = false): readonly unknown[] {
  if (Array.isArray(value) && (mayBeEmpty || value.length > 0)) return value as unknown[];
  throw refused(at, 'must be a list of at least one');
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function refused(field: string, what: string): AppError {
  return new AppError('invalid-argument', `schema: ${field} ${what}`, {
    detail: { reason: 'schema', field, what },
  });
}
