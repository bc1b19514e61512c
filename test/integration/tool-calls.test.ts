import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seeded, seededBelow } from '../support/seeded.ts';
import { probeGguf } from '../../native/llama/gguf-probe.ts';
import { calculate } from '../../electron/chat/tools/calculator.ts';
import { thinkingOf } from '../../electron/engine/thinking.ts';
import type { ThinkingProtocol } from '../../electron/engine/thinking.ts';
import type { AnswerPart, SplitOptions } from '../../electron/engine/tool-calls.ts';
import { callFormOf, createAnswerSplitter, readCalls } from '../../electron/engine/tool-calls.ts';

const json: SplitOptions = { calls: 'json', thinking: null };
const think: ThinkingProtocol = {
  open: '<think>',
  close: '</think>',
  begins: false,
  prefix: '',
};

/** Neighbours of one kind joined: how text was cut into events is of no meaning. */
function joined(parts: readonly AnswerPart[]): AnswerPart[] {
  const result: AnswerPart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part.type !== 'call' && last?.type === part.type) {
      result[result.length - 1] = { ...last, text: last.text + part.text };
    } else result.push(part);
  }
  return result;
}

function split(pieces: readonly string[], options: SplitOptions): AnswerPart[] {
  const splitter = createAnswerSplitter(options);
  return joined([...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]);
}

const call = (name: string, args: object = {}): string =>
  `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`;

describe('splitting an answer', () => {
  const cases: [name: string, answer: string, options: SplitOptions, expected: AnswerPart[]][] = [
    ['text alone', ' 1 < 2 and <tool> \n', json, [{ type: 'text', text: ' 1 < 2 and <tool> \n' }]],
    [
      'one call',
      call('calculator', { expression: '12*7' }),
      json,
      [{ type: 'call', call: { name: 'calculator', arguments: { expression: '12*7' } } }],
    ],
    [
      'several calls behind text, blanks between them dropped',
      `Let me see.\n\n${call('a')}\n${call('b', { x: 1 })}\n`,
      json,
      [
        { type: 'text', text: 'Let me see.' },
        { type: 'call', call: { name: 'a', arguments: {} } },
        { type: 'call', call: { name: 'b', arguments: { x: 1 } } },
      ],
    ],
    [
      'text behind a call',
      `${call('a')}\n Done. `,
      json,
      [
        { type: 'call', call: { name: 'a', arguments: {} } },
        { type: 'text', text: 'Done. ' },
      ],
    ],
    [
      'braces, quotes and even the closing tag inside a string',
      call('a', { x: '}} "</tool_call>" \\ {"' }),
      json,
      [{ type: 'call', call: { name: 'a', arguments: { x: '}} "</tool_call>" \\ {"' } } }],
    ],
    [
      'a quote that never closes costs this call only',
      `<tool_call>{"name": "a</tool_call> and ${call('b')}`,
      json,
      [
        { type: 'call', call: { problem: 'not-json', text: '{"name": "a' } },
        { type: 'text', text: 'and' },
        { type: 'call', call: { name: 'b', arguments: {} } },
      ],
    ],
    [
      'the end comes inside a call',
      'So: <tool_call>\n{"name": "a", "argum',
      json,
      [
        { type: 'text', text: 'So:' },
        { type: 'call', call: { problem: 'unfinished', text: '{"name": "a", "argum' } },
      ],
    ],
    ['the end comes inside a tag', 'x <tool_ca', json, [{ type: 'text', text: 'x <tool_ca' }]],
    [
      'without tools nothing is a call',
      call('a'),
      { calls: null, thinking: null },
      [{ type: 'text', text: call('a') }],
    ],
    [
      'reasoning, then the answer',
      '<think>\n17 is <tool_call>odd\n</think>\n\nYes.',
      { calls: 'json', thinking: think },
      [
        { type: 'thinking', text: '17 is <tool_call>odd' },
        { type: 'text', text: 'Yes.' },
      ],
    ],
    [
      'reasoning that the header has begun',
      'Hm.\n</think>\n\nYes.',
      { calls: null, thinking: { ...think, begins: true } },
      [
        { type: 'thinking', text: 'Hm.' },
        { type: 'text', text: 'Yes.' },
      ],
    ],
    [
      'an empty channel leaves nothing',
      '<think></think>Yes.',
      { calls: null, thinking: think },
      [{ type: 'text', text: 'Yes.' }],
    ],
    [
      'XML, with types as the tool has them and a closing tag inside a value',
      '<tool_call>\n<function=read>\n<parameter=name>\n12 </tool_call> b\n</parameter>\n<parameter=page>\n3\n</parameter>\n</function>\n</tool_call>',
      {
        calls: 'xml',
        thinking: null,
        tools: [
          {
            type: 'function',
            function: {
              name: 'read',
              parameters: {
                type: 'object',
                properties: { name: { type: 'string' }, page: { type: 'integer' } },
              },
            },
          },
        ],
      },
      [
        {
          type: 'call',
          call: { name: 'read', arguments: { name: '12 </tool_call> b', page: 3 } },
        },
      ],
    ],
  ];

  it.each(cases)('%s', (_, answer, options, expected) => {
    expect(split([answer], options)).toEqual(expected);
  });

  it('gives the same for any way of cutting the answer into pieces', () => {
    const random = seeded(5);
    for (const [, answer, options, expected] of cases) {
      expect(split([...answer], options)).toEqual(expected);
      for (let round = 0; round < 200; round += 1) {
        const pieces: string[] = [];
        for (let at = 0; at < answer.length;) {
          const length = 1 + Math.floor(random() * 12);
          pieces.push(answer.slice(at, at + length));
          at += length;
        }
        expect(split(pieces, options)).toEqual(expected);
      }
    }
  });

  it('survives any mixture of tags and text, cut anywhere, with the same result', () => {
    const random = seeded(6);
    const bits = [
      ...['<tool_call>', '</tool_call>', '<think>', '</think>', '{"name": "a"}', '"', '\\', ' '],
      ...['\n', 'word', '<', '<tool', '{', '}', '[', ']'],
    ];
    const options: SplitOptions = { calls: 'json', thinking: think };
    for (let round = 0; round < 2000; round += 1) {
      const count = 1 + Math.floor(random() * 14);
      const answer = Array.from({ length: count }, () => bits[Math.floor(random() * bits.length)]);
      const text = answer.join('');
      expect(split([...text], options), JSON.stringify(text)).toEqual(split([text], options));
    }
  });

  it('takes tags that are control tokens by their id only', () => {
    const controls = new Set(['<tool_call>', '</tool_call>']);
    const splitter = createAnswerSplitter({ ...json, controls });
    const parts = [
      ...splitter.push('letters: <tool_call>{"name": "no"}</tool_call>'),
      ...splitter.mark('<tool_call>'),
      ...splitter.push('{"name": "yes"}'),
      ...splitter.mark('</tool_call>'),
      ...splitter.end(),
    ];
    expect(joined(parts)).toEqual([
      { type: 'text', text: 'letters: <tool_call>{"name": "no"}</tool_call>' },
      { type: 'call', call: { name: 'yes', arguments: {} } },
    ]);
  });
});

describe('reading a call', () => {
  it.each([
    ['{"name": "a", "arguments": "{\\"x\\": 1}"}', { name: 'a', arguments: { x: 1 } }],
    ['{"name": "a"}', { name: 'a', arguments: {} }],
    ['{"name": "a", "arguments": [1]}', { problem: 'no-arguments' }],
    ['{"name": 3}', { problem: 'no-name' }],
    ['"a"', { problem: 'no-name' }],
    ['[]', { problem: 'no-name' }],
    ['{name: a}', { problem: 'not-json' }],
    ['', { problem: 'not-json' }],
  ])('%s', (body, expected) => {
    expect(readCalls(body, 'json')[0]).toMatchObject(expected);
  });

  it('XML without a function', () => {
    expect(readCalls('calculator(12)', 'xml')).toMatchObject([{ problem: 'not-xml' }]);
  });
});

describe('which form a model uses is read from its template', () => {
  it('of the miniature: JSON, no reasoning', async () => {
    const path = fileURLToPath(
      new URL('../../resources/miniature/miniature.gguf', import.meta.url),
    );
    const template = (await probeGguf(path)).template as string;
    expect(callFormOf(template)).toBe('json');
    expect(thinkingOf(template, '<|start_of_role|>assistant<|end_of_role|>')).toBeNull();
  });

  it.each([
    ['… <tool_call>\\n<function=example> …', 'xml'],
    ['… <tool_call>\\n{"name": …} …', 'json'],
    ['<|tool_call|> in a form of its own', null],
  ])('%s', (template, form) => {
    expect(callFormOf(template)).toBe(form);
  });

  it('a header decides whether an answer begins inside the reasoning', () => {
    const template = "{{ '<think>' }}";
    expect(thinkingOf(template, '<|im_start|>assistant\n<think>\n')).toMatchObject({
      begins: true,
      prefix: '<think>\n',
    });
    expect(thinkingOf(template, '<|im_start|>assistant\n<think></think>')).toMatchObject({
      begins: false,
      prefix: '',
    });
  });
});

describe('the calculator', () => {
  it('never throws anything but a refusal, whatever it is given', () => {
    const below = seededBelow(9);
    const bits = ['1', '2.5', '+', '-', '*', '/', '^', '(', ')', ',', 'sqrt', 'pi', ' ', 'x', '"'];
    for (let round = 0; round < 3000; round += 1) {
      const text = Array.from({ length: 1 + below(12) }, () => bits[below(bits.length)]).join('');
      try {
        expect(calculate(text)).toMatch(/^(about )?-?\d/);
      } catch (error) {
        expect((error as Error).constructor.name, text).toBe('CalculationError');
      }
    }
  });
});
