/** Each step: the likeliest token, and the shares of the likeliest ones. */
export interface GreedyRun {
  readonly steps: readonly {
    readonly token: number;
    readonly shares: readonly (readonly [token: number, share: number])[];
  }[];
}

// The members of the binding that are used here; only binding.ts knows the rest.
type Input<Token> = Token | [token: Token, options: { generateNext: object }];
interface Sequence<Token> {
  controlledEvaluate(
    input: Input<Token>[],
  ): Promise<({ next: { probabilities?: Map<Token, number> } } | undefined)[]>;
}
interface Model<Token> {
  tokenize(text: string, specialTokens: true): Token[];
  createContext(options: object): Promise<{ getSequence(): Sequence<Token> }>;
  dispose(): Promise<void>;
}

/** Goes on after a prompt with the likeliest tokens; on a graphics device all of the model lies there. */
export async function greedyRun<Token extends number>(
  load: (options: {
    modelPath: string;
    gpuLayers: number | 'max';
    useMmap: boolean;
    ignoreMemorySafetyChecks: boolean;
  }) => Promise<Model<Token>>,
  task: { path: string; prompt: string; steps: number; onProcessor: boolean },
): Promise<GreedyRun> {
  const model = await load({
    modelPath: task.path,
    gpuLayers: task.onProcessor ? 0 : 'max',
    useMmap: false,
    ignoreMemorySafetyChecks: true,
  });
  const context = await model.createContext({
    contextSize: 512,
    batchSize: 512,
    flashAttention: true,
    threads: 1,
    ignoreMemorySafetyChecks: true,
    failedCreationRemedy: false,
  });
  const sequence = context.getSequence();
  const run: GreedyRun['steps'][number][] = [];
  let input = model.tokenize(task.prompt, true);
  while (run.length < task.steps) {
    const last = input.at(-1);
    if (last === undefined) break;
    const asked = { generateNext: { probabilities: true, options: { temperature: 1 } } };
    const answers = await sequence.controlledEvaluate([...input.slice(0, -1), [last, asked]]);
    const shares = [...(answers.at(-1)?.next.probabilities ?? [])].slice(0, 40);
    const [likeliest] = shares;
    if (!likeliest) throw new Error('nothing came out');
    run.push({ token: likeliest[0], shares });
    input = [likeliest[0]];
  }
  await model.dispose();
  return { steps: run };
}
