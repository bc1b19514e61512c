import type { TraceEvent, TracePart } from './trace.ts';

/**
 * How the positions of a state came to be: which tokens were evaluated together, in how large a batch.
 * Two states of the same lineage are the same bits; two of the same tokens need not be, because llama.cpp
 * rounds differently with the number of rows that it multiplies at once. Equal lineages are one object.
 */
export interface Lineage {
  readonly id: number;
  readonly parent: Lineage | null;
  /** Tokens up to here. */
  readonly end: number;
  readonly step: Step;
}

/** One evaluation, or a cut of what the one before has left. */
export type Step =
  | {
      readonly kind: 'read';
      readonly tokens: readonly number[];
      /** Indexes in `tokens` whose result was asked for. */
      readonly logits: readonly number[];
      /** Sequences that llama.cpp calculated in the same pass, each with as many rows; this one's place. */
      readonly sequences: number;
      readonly place: number;
      /** Results asked for of the others, by place; they move the rows of the last product. */
      readonly others: readonly (readonly number[])[];
    }
  | { readonly kind: 'cut' };

/** All lineages of one model with one type of KV cache. */
export interface Lineages {
  add(parent: Lineage | null, step: Step, end: number): Lineage;
}

export function createLineages(): Lineages {
  const known = new Map<string, Lineage>();
  return {
    add(parent, step, end) {
      const key = `${parent?.id ?? 0}|${end}|${JSON.stringify(step)}`;
      const found = known.get(key);
      if (found) return found;
      const made = { id: known.size + 1, parent, end, step };
      known.set(key, made);
      return made;
    },
  };
}

export function tokensOf(lineage: Lineage | null): number[] {
  const path: Lineage[] = [];
  for (let at = lineage; at !== null; at = at.parent) path.unshift(at);
  const tokens: number[] = [];
  for (const { step, end } of path) {
    if (step.kind === 'read') tokens.push(...step.tokens);
    else tokens.length = end;
  }
  return tokens;
}

/** What is left of a lineage when everything from a token on is gone. */
export function cutAt(all: Lineages, lineage: Lineage | null, end: number): Lineage | null {
  let at = lineage;
  while (at !== null && at.end > end) {
    if (at.step.kind === 'read' && (at.parent?.end ?? 0) < end) {
      return all.add(at, { kind: 'cut' }, end);
    }
    at = at.parent;
  }
  return at;
}

export interface Pass {
  readonly sequence: number;
  readonly step: Step & { kind: 'read' };
}

/**
 * The passes that llama.cpp makes of one batch: sequences with following numbers go together, as many
 * rows of each as all of them still have (llama-batch.cpp, split_equal; a context of one sequence has
 * only that one).
 */
export function passesOf(parts: readonly TracePart[], most: number): Pass[][] {
  const left = parts.map((part) => ({ part, done: 0 }));
  const passes: Pass[][] = [];
  for (;;) {
    const together: typeof left = [];
    for (const each of left) {
      if (each.done >= each.part.tokens.length) continue;
      const before = together.at(-1);
      if (before && each.part.sequence !== before.part.sequence + 1) continue;
      together.push(each);
    }
    if (together.length === 0) return passes;
    const shortest = Math.min(...together.map(({ part, done }) => part.tokens.length - done));
    const rows = Math.min(shortest, Math.max(1, Math.floor(most / together.length)));
    const logits = together.map(({ part, done }) =>
      part.logits.filter((at) => at >= done && at < done + rows).map((at) => at - done),
    );
    passes.push(
      together.map(({ part, done }, place) => {
        const own = logits[place] ?? [];
        // Without a result of its own the others' make no difference.
        const others = own.length === 0 ? [] : logits.map((list, at) => (at === place ? [] : list));
        const tokens = part.tokens.slice(done, done + rows);
        const step = { kind: 'read', tokens, logits: own, others, place } as const;
        return { sequence: part.sequence, step: { ...step, sequences: together.length } };
      }),
    );
    for (const each of together) each.done += rows;
  }
}

/** A greedy choice to be made again: the result at `index` of the lineage's last step. */
export interface Choice {
  readonly lineage: Lineage;
  readonly index: number;
  readonly token: number;
}

/** What the trace of one context says so far. */
export interface Followed {
  /** Sequences that hold something. */
  readonly sequences: ReadonlyMap<number, Lineage>;
  /** Number of the context that was opened last. */
  readonly context: number;
  /** Bytes of all checkpoints at the moment when they were most, and how many were taken. */
  readonly checkpointPeak: number;
  readonly taken: number;
  readonly restored: number;
  readonly loaded: number;
  readonly cuts: number;
  /** Tokens evaluated, all sequences together. */
  readonly evaluated: number;
  readonly shared: number;
}

/** Follows events of ENGINE's contexts; a rule that is broken goes to `complain`. */
export function createFollower(options: {
  readonly lineages: () => Lineages;
  /** Digest of a state that llama.cpp wrote, and of each beginning it may be cut to -> what it holds. */
  readonly files: Map<string, Lineage>;
  onRead(sequence: number, lineage: Lineage): void;
  onChoice(choice: Choice): void;
  onSaved(saved: { readonly lineage: Lineage; readonly digest: string }): void;
  complain(what: string): void;
}): { tell(event: TraceEvent): void; reset(): void; forgetPeak(): void } & Followed {
  const { files, onChoice, onSaved, complain } = options;
  let batch = 512;
  let evaluated = 0;
  let shared = 0;
  const sequences = new Map<number, Lineage>();
  const checkpoints = new Map<number, { sequence: number; state: Lineage; bytes: number }>();
  const counts = { context: 0, checkpointPeak: 0, taken: 0, restored: 0, loaded: 0, cuts: 0 };
  const saves = new Map<number, Lineage>();
  const steps = new Map<string, { lineage: Lineage; index: number }>();

  const set = (sequence: number, lineage: Lineage | null): void => {
    if (lineage === null) sequences.delete(sequence);
    else sequences.set(sequence, lineage);
  };
  const decode = (parts: readonly TracePart[]): void => {
    for (const { sequence, first, tokens } of parts) {
      const end = sequences.get(sequence)?.end ?? 0;
      if (first !== end) complain(`sequence ${sequence} ends at ${end}, tokens came at ${first}`);
      evaluated += tokens.length;
    }
    if (parts.length > 1) shared += 1;
    for (const pass of passesOf(parts, batch)) {
      for (const { sequence, step } of pass) {
        const parent = sequences.get(sequence) ?? null;
        const from = parent?.end ?? 0;
        const lineage = options.lineages().add(parent, step, from + step.tokens.length);
        set(sequence, lineage);
        options.onRead(sequence, lineage);
        step.logits.forEach((at, index) =>
          steps.set(`${sequence} ${from + at}`, { lineage, index }),
        );
      }
    }
  };

  return {
    sequences,
    get context() {
      return counts.context;
    },
    get checkpointPeak() {
      return counts.checkpointPeak;
    },
    get taken() {
      return counts.taken;
    },
    get restored() {
      return counts.restored;
    },
    get loaded() {
      return counts.loaded;
    },
    get cuts() {
      return counts.cuts;
    },
    get evaluated() {
      return evaluated;
    },
    get shared() {
      return shared;
    },
    reset() {
      sequences.clear();
      checkpoints.clear();
      saves.clear();
      steps.clear();
      counts.checkpointPeak = 0;
    },
    forgetPeak() {
      counts.checkpointPeak = 0;
    },
    tell(event) {
      switch (event.type) {
        case 'open':
          batch = event.batch;
          counts.context = event.context;
          return;
        case 'close':
          return;
        case 'decode':
          decode(event.parts);
          return;
        case 'failed':
          complain(`llama.cpp refused a batch of sequences ${event.sequences.join(', ')}`);
          return;
        case 'sample': {
          const step = steps.get(`${event.sequence} ${event.position}`);
          if (step) onChoice({ ...step, token: event.token });
          else complain(`a token was drawn at ${event.position}, which has no result`);
          return;
        }
        case 'clear':
          sequences.delete(event.sequence);
          return;
        case 'cut': {
          const held = sequences.get(event.sequence) ?? null;
          if (!event.done || held === null) return;
          counts.cuts += 1;
          if (event.to < held.end) complain('a cut that is not of the tail');
          set(event.sequence, cutAt(options.lineages(), held, event.from));
          return;
        }
        case 'shift':
          complain('tokens were shifted');
          return;
        case 'saving': {
          const held = sequences.get(event.sequence);
          if (held) saves.set(event.save, held);
          if (!equal(tokensOf(held ?? null), event.tokens)) complain('saved under other tokens');
          return;
        }
        case 'saved': {
          const lineage = saves.get(event.save);
          if (lineage === undefined) return;
          event.beginnings.forEach((digest, index) => {
            files.set(digest, cutAt(options.lineages(), lineage, index + 1) as Lineage);
          });
          files.set(event.whole, lineage);
          onSaved({ lineage, digest: event.whole });
          return;
        }
        case 'load': {
          if (event.tokens === null) {
            sequences.delete(event.sequence);
            return;
          }
          counts.loaded += 1;
          const lineage = files.get(event.digest);
          if (lineage === undefined) complain('a state was loaded that llama.cpp never wrote');
          else if (!equal(tokensOf(lineage), event.tokens)) complain('a state of other tokens');
          set(event.sequence, lineage ?? null);
          return;
        }
        case 'checkpoint': {
          const state = sequences.get(event.sequence);
          if (state === undefined) return;
          if (state.end !== event.position) complain('a checkpoint at another token');
          const { sequence, bytes } = event;
          checkpoints.set(event.checkpoint, { sequence, state, bytes });
          counts.taken += 1;
          const all = [...checkpoints.values()].reduce((sum, held) => sum + held.bytes, 0);
          counts.checkpointPeak = Math.max(counts.checkpointPeak, all);
          return;
        }
        case 'restore': {
          const found = checkpoints.get(event.checkpoint);
          if (!event.done || found === undefined) return;
          counts.restored += 1;
          const { state, sequence } = found;
          const held = sequences.get(sequence) ?? null;
          // Attention rows stay, the recurrent part is put back: both must come from one history.
          if (state.end !== event.position) complain('a checkpoint restored to another token');
          if (cutAt(options.lineages(), held, state.end) !== state)
            complain(`the checkpoint at ${state.end} is of another history than its sequence`);
          set(sequence, state);
          return;
        }
        case 'drop':
          checkpoints.delete(event.checkpoint);
      }
    },
  };
}

export function equal(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((token, at) => token === right[at]);
}
