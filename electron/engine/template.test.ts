import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { probeGguf } from '../../native/llama/gguf-probe.ts';
import type { ChatTemplate, TemplateInput } from './template.ts';
import { compileTemplate } from './template.ts';

// The template inside the miniature renders what the published Granite 4.0 template renders. The
// expected texts are written out by hand from the published format.

const miniature = fileURLToPath(
  new URL('../../resources/miniature/miniature.gguf', import.meta.url),
);
const defaultSystem =
  '<|start_of_role|>system<|end_of_role|>You are a helpful assistant. Please ensure responses are professional, accurate, and safe.<|end_of_text|>\n';
const assistant = '<|start_of_role|>assistant<|end_of_role|>';
const question = '<|start_of_role|>user<|end_of_role|>Who signed?<|end_of_text|>\n';
const user = { role: 'user', content: 'Who signed?' } as const;

const toolsHead =
  'You are a helpful assistant with access to the following tools. You may call one or more tools to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n';
const toolsTail =
  '\n</tools>\n\nFor each tool call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>. If a tool does not exist in the provided list of tools, notify the user that you do not have the ability to fulfill the request.';
const documentsHead =
  'You are a helpful assistant with access to the following documents. You may use one or more documents to assist with the user query.\n\nYou are given a list of documents within <documents></documents> XML tags:\n<documents>\n';
const documentsTail =
  "\n</documents>\n\nWrite the response to the user's input by strictly aligning with the facts in the provided documents. If the information needed to answer the question is not available in the documents, inform the user that the question cannot be answered based on the available data.";

const weather = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: {} } },
};
const weatherText =
  '{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}';

let template: ChatTemplate;

beforeAll(async () => {
  const probe = await probeGguf(miniature);
  template = compileTemplate(probe.template as string, {
    bos: '<|end_of_text|>',
    eos: '<|end_of_text|>',
  });
});

function system(text: string): string {
  return `<|start_of_role|>system<|end_of_role|>${text}<|end_of_text|>\n`;
}

describe("Granite 4.0's rendering", () => {
  const cases: [name: string, input: TemplateInput, expected: string][] = [
    ['a question alone', { messages: [user] }, defaultSystem + question + assistant],
    [
      'a system text',
      { messages: [{ role: 'system', content: 'Be brief.' }, user] },
      system('Be brief.') + question + assistant,
    ],
    [
      'an empty system text',
      { messages: [{ role: 'system', content: '' }, user] },
      defaultSystem + question + assistant,
    ],
    [
      'several turns',
      {
        messages: [user, { role: 'assistant', content: 'Anna Rell.' }, user],
      },
      `${defaultSystem}${question}${assistant}Anna Rell.<|end_of_text|>\n${question}${assistant}`,
    ],
    [
      'a later system message stays in its place',
      { messages: [user, { role: 'system', content: 'Now in French.' }, user] },
      defaultSystem + question + system('Now in French.') + question + assistant,
    ],
    [
      'one document',
      {
        messages: [user],
        documents: [
          { doc_id: '1', title: 'Lease', text: 'Signed by "Anna" Rell.', source: 'a.md' },
        ],
      },
      system(
        `${documentsHead}{"doc_id": "1", "title": "Lease", "text": "Signed by \\"Anna\\" Rell.", "source": "a.md"}${documentsTail}`,
      ) +
        question +
        assistant,
    ],
    [
      'several documents behind a system text',
      {
        messages: [{ role: 'system', content: 'Be brief.' }, user],
        documents: [
          { doc_id: '1', text: 'One\nline.' },
          { doc_id: '2', text: 'Zwei Straßen.' },
        ],
      },
      system(
        `Be brief.\n\n${documentsHead}{"doc_id": "1", "text": "One\\nline."}\n{"doc_id": "2", "text": "Zwei Straßen."}${documentsTail}`,
      ) +
        question +
        assistant,
    ],
    [
      'tools',
      { messages: [user], tools: [weather] },
      system(toolsHead + weatherText + toolsTail) + question + assistant,
    ],
    [
      'a system text, tools and documents, in this order',
      {
        messages: [{ role: 'system', content: 'Be brief.' }, user],
        tools: [weather],
        documents: [{ doc_id: '1', text: 'x' }],
      },
      system(
        `Be brief.\n\n${toolsHead}${weatherText}${toolsTail}\n\n${documentsHead}{"doc_id": "1", "text": "x"}${documentsTail}`,
      ) +
        question +
        assistant,
    ],
    [
      'tool calls and their results, which share one user turn',
      {
        messages: [
          user,
          {
            role: 'assistant',
            content: '',
            tool_calls: [
              { type: 'function', function: { name: 'get_weather', arguments: { city: 'Oslo' } } },
              { name: 'get_time', arguments: '{"zone": "CET"}' },
            ],
          },
          { role: 'tool', content: '{"degrees": 4}' },
          { role: 'tool', content: '12:00' },
        ],
      },
      defaultSystem +
        question +
        assistant +
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>\n' +
        '<tool_call>\n{"name": "get_time", "arguments": {"zone": "CET"}}\n</tool_call><|end_of_text|>\n' +
        '<|start_of_role|>user<|end_of_role|>\n<tool_response>\n{"degrees": 4}\n</tool_response>\n<tool_response>\n12:00\n</tool_response><|end_of_text|>\n' +
        assistant,
    ],
    [
      'a tool call behind text',
      {
        messages: [
          user,
          {
            role: 'assistant',
            content: 'I look it up.',
            tool_calls: [{ name: 'get_time', arguments: {} }],
          },
        ],
      },
      `${defaultSystem}${question}${assistant}I look it up.\n<tool_call>\n{"name": "get_time", "arguments": {}}\n</tool_call><|end_of_text|>\n${assistant}`,
    ],
    [
      'content in parts',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'First.' },
              { type: 'text', text: 'Second.' },
            ],
          },
        ],
      },
      `${defaultSystem}<|start_of_role|>user<|end_of_role|>First.\nSecond.<|end_of_text|>\n${assistant}`,
    ],
    [
      'an unknown role is left out',
      { messages: [user, { role: 'critic', content: 'Hm.' }] },
      defaultSystem + question + assistant,
    ],
  ];
  it.each(cases)('%s', (_name, input, expected) => {
    expect(template.render(input)).toBe(expected);
  });

  it('knows what stands in front of an answer', () => {
    expect(template.header).toBe(assistant);
  });

  it('takes empty lists of tools and documents as none', () => {
    expect(template.render({ messages: [user], tools: [], documents: [] })).toBe(
      defaultSystem + question + assistant,
    );
  });
});

describe('compileTemplate', () => {
  it('refuses what is no Jinja', () => {
    expect(() => compileTemplate('{% if %}', { bos: '', eos: '' })).toThrow();
  });

  it('gives the model its own start and end texts', () => {
    const own = compileTemplate('{{ bos_token }}{{ messages[0].content }}{{ eos_token }}', {
      bos: '<s>',
      eos: '</s>',
    });
    expect(own.render({ messages: [user] })).toBe('<s>Who signed?</s>');
  });
});
