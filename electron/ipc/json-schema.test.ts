import { describe, expect, it } from 'vitest';
import { AppError } from './app-error.ts';
import { readSchema } from './json-schema.ts';

const field = (schema: unknown): string => {
  try {
    readSchema(typeof schema === 'string' ? schema : JSON.stringify(schema));
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-argument') {
      return `${String(error.detail?.['field'])} ${String(error.detail?.['what'])}`;
    }
    throw error;
  }
  return '';
};

describe('a schema for answers', () => {
  it.each([
    [{ type: 'boolean' }],
    [{ $schema: 'x', title: 'A', type: 'object', properties: {}, required: [] }],
    [{ type: ['string', 'null'], description: 'x' }],
    [{ enum: [1, 'a', null] }],
    [{ oneOf: [{ const: 3 }, { type: 'string', format: 'date' }] }],
    [{ type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 3 }],
    [
      {
        $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
        $ref: '#/$defs/node',
      },
    ],
  ])('takes %j', (schema) => {
    expect(field(schema)).toBe('');
  });

  it.each([
    ['{', '$ is not JSON'],
    ['[]', '$ must be an object'],
    [{}, '$ has no type'],
    [{ type: 'text' }, '$.type must be'],
    [{ type: ['object'] }, '$.type may list only'],
    [{ type: 'string', pattern: 'a+' }, '$.pattern is not supported'],
    [{ type: 'integer', minimum: 3 }, '$.minimum is not supported'],
    [{ type: 'string', maxLength: -1 }, '$.maxLength must be a whole number'],
    [{ type: 'string', format: 'email' }, '$.format must be'],
    [{ anyOf: [{ type: 'string' }] }, '$.anyOf is not supported; oneOf is'],
    [{ enum: [] }, '$.enum must be a list'],
    [{ enum: [{}] }, '$.enum[0] is no plain value'],
    [{ $ref: '#/$defs/none' }, '$.$ref names nothing'],
    [{ type: 'object', properties: { a: 3 } }, '$.properties.a must be an object'],
    [{ type: 'object', properties: {}, required: ['b'] }, '$.required names'],
    [{ type: 'array', items: { type: 'array', items: {} } }, '$.items.items has no type'],
  ])('refuses %j by naming what is wrong', (schema, words) => {
    expect(field(schema)).toContain(words);
  });

  it('refuses what is nested without end', () => {
    const deep = '{"type":"array","items":'.repeat(100) + '{"type":"null"}' + '}'.repeat(100);
    expect(field(deep)).toContain('nested too deeply');
  });
});
