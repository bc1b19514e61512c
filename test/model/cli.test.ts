import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quarry } from '../integration/cli-support.ts';
import type { CliOptions } from '../integration/cli-support.ts';
import { miniature } from '../integration/models-support.ts';

// The command line with the miniature behind it. Documents and questions are worded like its training text.

let folder = '';
let temporary = '';
let document = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-ask-'));
  temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  document = join(folder, 'library.md');
  writeFileSync(
    document,
    '# Riverside Library\n\nThe Riverside Library opens at 9 a.m. The reading room is on the second floor.\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (question: string, more: readonly string[] = [], options: CliOptions = {}) =>
  quarry(['ask', question, '--threads', '1', ...more, '--docs', document], {
    ...options,
    env: { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), TMPDIR: temporary },
  });
const question = 'When does the Riverside Library open?';

describe('ask', () => {
  it('prints the answer and its citation, and the speed elsewhere', async () => {
    const { code, stdout, stderr } = await ask(question);
    expect(code).toBe(0);
    expect(stdout).toBe(
      'The Riverside Library opens at 9 a.m.\n\n' +
        '[1] library.md, Riverside Library: "The Riverside Library opens at 9 a.m."\n',
    );
    expect(stderr).toMatch(
      /^searched the document for passages: .+\nMiniature \(demo\), \d+ tokens read, \d+ written/,
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('gives the same as one JSON object, with another file of the model', async () => {
    const { code, stdout, stderr } = await ask(question, ['--json', '--model', miniature]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({
      question,
      answer: 'The Riverside Library opens at 9 a.m.',
      support: 'supported',
      model: 'Miniature (demo)',
      citations: [{ number: 1, document: 'library.md', path: document }],
      documents: { read: 1, failed: [] },
    });
  });

  it('answers in the form of a JSON Schema', async () => {
    const schema = join(folder, 'hours.json');
    writeFileSync(
      schema,
      JSON.stringify({
        type: 'object',
        properties: { opens: { type: 'string', maxLength: 30 }, sure: { type: 'boolean' } },
      }),
    );
    const { code, stdout } = await ask(question, ['--json-schema', schema]);
    expect(code).toBe(0);
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(answer).toEqual({
      opens: expect.any(String) as string,
      sure: expect.any(Boolean) as boolean,
    });
  });

  it('names what is wrong with a schema, before anything is read', async () => {
    const schema = join(folder, 'bad.json');
    writeFileSync(schema, '{"type": "object", "properties": {"a": {"type": "text"}}}');
    const { code, stderr } = await ask(question, ['--json-schema', schema]);
    expect(code).toBe(2);
    expect(stderr).toContain('$.properties.a.type must be string, number');
    const { stderr: gone } = await ask(question, ['--json-schema', join(folder, 'no.json')]);
    expect(gone).toContain('no.json cannot be read');
  });

  it('says that the documents do not answer', async () => {
    const { code, stderr } = await ask('Who painted the ceiling of the opera house?');
    expect(code).toBe(3);
    expect(stderr).toContain('quarry: the documents do not support an answer');
  });

  it('names a model file that is none', async () => {
    const path = join(folder, 'text.gguf');
    writeFileSync(path, 'not a model at all');
    const { code, stdout, stderr } = await ask(question, ['--model', path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      'quarry: text.gguf is not a GGUF model; download it again or choose another\n',
    );
  });

  it('stops on Ctrl+C and leaves nothing behind', async () => {
    const { code } = await ask(question, ['--temperature', '2'], {
      interrupt: { signal: 'SIGINT', after: /\S/ },
    });
    expect(code).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('ends quietly when the reader of its output leaves', async () => {
    const { code, stderr } = await ask(question, ['--temperature', '2'], { leaveAfter: /\S/ });
    expect([0, 3, 141]).toContain(code);
    expect(stderr).not.toContain('EPIPE');
    expect(readdirSync(temporary)).toEqual([]);
  });
});
