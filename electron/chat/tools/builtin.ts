import * as v from 'valibot';
import type { DocumentScope, Source, ToolConsents, ToolName } from '../../ipc/contract/index.ts';
import { toolNames } from '../../ipc/contract/index.ts';
import { CalculationError, calculate } from './calculator.ts';
import type { LibraryPorts, ToolResult } from './library.ts';
import { readDocument, searchDocuments, ToolError } from './library.ts';

/** What a tool may look at. There is no file and no network in it. */
export interface ToolContext extends LibraryPorts {
  readonly scope: DocumentScope;
  /** Passages that the model has been shown. */
  readonly known: readonly Source[];
  /** Tokens that the prompt may take. */
  readonly limit: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

interface Tool<Schema extends v.GenericSchema = v.GenericSchema> {
  readonly description: string;
  /** JSON Schema, as the template shows it to the model. */
  readonly parameters: object;
  readonly schema: Schema;
  readonly needsDocuments?: true;
  run(args: v.InferOutput<Schema>, context: ToolContext): ToolResult | Promise<ToolResult>;
}

const tool = <Schema extends v.GenericSchema>(one: Tool<Schema>): Tool => one as unknown as Tool;
const object = (properties: object, required: readonly string[]): object => ({
  type: 'object',
  properties,
  required,
});
const words = v.pipe(v.string(), v.minLength(1), v.maxLength(2000));
const pageNumber = v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)));

/** Tools end within about a second and change nothing. */
const tools: { readonly [N in ToolName]: Tool } = {
  search_documents: tool({
    description: "Search the user's documents",
    parameters: object({ query: { type: 'string', description: 'What to search for' } }, ['query']),
    schema: v.strictObject({ query: words }),
    needsDocuments: true,
    run: ({ query }, context) => searchDocuments(context, query, context),
  }),
  read_document: tool({
    description: "Read pages of one of the user's documents",
    parameters: object(
      {
        document: { type: 'string', description: 'Name of the document' },
        page: { type: 'integer', description: 'First page, from 1' },
        last_page: { type: 'integer', description: 'Last page' },
      },
      ['document'],
    ),
    schema: v.strictObject({ document: words, page: pageNumber, last_page: pageNumber }),
    needsDocuments: true,
    run: (args, context) =>
      readDocument(context, args, {
        scope: context.scope,
        characters: Math.min(24_000, context.limit),
      }),
  }),
  calculator: tool({
    description: 'Calculate an arithmetic expression',
    parameters: object(
      { expression: { type: 'string', description: 'The expression, for example 2 + 3' } },
      ['expression'],
    ),
    schema: v.strictObject({ expression: words }),
    run: ({ expression }) => ({ text: calculate(expression) }),
  }),
  date_time: tool({
    description: 'Get the current date and time',
    parameters: object({}, []),
    schema: v.strictObject({}),
    run: (_, { now }) => ({ text: dateTime(now) }),
  }),
};

function dateTime(now: number): string {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const text = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' });
  return `${text.format(now)} (${zone})`;
}

/** Tools that the model is told of, in a fixed order so that the prompt begins the same each time. */
export function offeredTools(consents: ToolConsents, scope: DocumentScope): readonly ToolName[] {
  return toolNames.filter(
    (name) =>
      consents[name] !== 'off' && (scope.kind !== 'none' || tools[name].needsDocuments !== true),
  );
}

/** In the form that templates expect. */
export function describeTools(names: readonly ToolName[]): readonly unknown[] {
  return names.map((name) => {
    const { description, parameters } = tools[name];
    return { type: 'function', function: { name, description, parameters } };
  });
}

/** The tool of a name, or undefined. */
export function toolOf(name: string, offered: readonly ToolName[]): ToolName | undefined {
  return offered.find((one) => one === name);
}

/** What is wrong with arguments, in words for the model; null = nothing. */
export function argumentProblem(name: ToolName, args: unknown): string | null {
  const result = v.safeParse(tools[name].schema, args);
  if (result.success) return null;
  const field = v.getDotPath(result.issues[0]);
  return field === null
    ? 'The arguments have the wrong form.'
    : `The argument "${field}" is missing, unknown or has the wrong form.`;
}

/** Runs a call whose arguments have no problem. Throws ToolError with words for the model. */
export async function runTool(
  name: ToolName,
  args: unknown,
  context: ToolContext,
): Promise<ToolResult> {
  const one = tools[name];
  try {
    return await one.run(v.parse(one.schema, args), context);
  } catch (error) {
    if (error instanceof CalculationError) throw new ToolError(`${error.message}.`);
    throw error;
  }
}
