import type {
  AcrossPart,
  AnswerFacts,
  AnswerStep,
  ErrorShape,
  Message,
  Numbered,
  Source,
  StepEvent,
  TurnEvent,
} from '../../../../electron/ipc/contract/index.ts';

export type TurnPhase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'queued'; readonly position: number }
  | { readonly kind: 'loading'; readonly modelId: string; readonly fraction: number }
  | { readonly kind: 'found'; readonly passages: number }
  | {
      readonly kind: 'reading';
      readonly done: number;
      readonly total: number;
      readonly kept: number;
      readonly msLeft?: number | undefined;
      readonly isWhole?: boolean | undefined;
    }
  | { readonly kind: 'wording' }
  | { readonly kind: 'thinking' }
  | { readonly kind: 'asking'; readonly tool: string }
  | { readonly kind: 'tool'; readonly tool: string }
  | {
      readonly kind: 'across';
      readonly done: number;
      readonly total: number;
      readonly isCombining: boolean;
    }
  | { readonly kind: 'writing' }
  | { readonly kind: 'ended' };

/** A turn as the window knows it at one moment. */
export interface TurnSnapshot {
  readonly phase: TurnPhase;
  readonly text: string;
  readonly sources: readonly Source[];
  readonly steps: readonly AnswerStep[];
  /** How it comes about, as far as it is told while it is written. */
  readonly facts: AnswerFacts;
  readonly end: {
    readonly type: 'done' | 'stopped' | 'failed';
    readonly message: Message | null;
    readonly error: ErrorShape | null;
  } | null;
}

export const emptyTurn: TurnSnapshot = {
  phase: { kind: 'waiting' },
  text: '',
  sources: [],
  steps: [],
  facts: {},
  end: null,
};

/** What the reader needs from its surroundings: tests give it their own. */
export interface TurnReaderPorts {
  /** Reads the stream from after the given number; returns the way to stop. */
  readonly open: (after: number, listener: (event: Numbered<TurnEvent>) => void) => () => void;
  /** Runs `flush` once before the next picture. */
  readonly frame: (flush: () => void) => void;
  /** Takes the newest state; called at most once a frame, and once at the end. */
  readonly commit: (snapshot: TurnSnapshot) => void;
}

/** The state after one more event. */
export function applyTurnEvent(turn: TurnSnapshot, event: TurnEvent): TurnSnapshot {
  switch (event.type) {
    case 'queued':
      return { ...turn, phase: { kind: 'queued', position: event.position } };
    case 'loading': {
      const { modelId, fraction } = event;
      return { ...turn, phase: { kind: 'loading', modelId, fraction } };
    }
    case 'sources':
      return {
        ...turn,
        sources: event.sources,
        phase: { kind: 'found', passages: event.sources.length },
      };
    case 'reading': {
      const { type: _, ...reading } = event;
      return { ...turn, phase: { kind: 'reading', ...reading } };
    }
    case 'text':
      return { ...turn, phase: { kind: 'writing' }, text: turn.text + event.text };
    case 'wording':
      return { ...turn, phase: { kind: 'wording' } };
    case 'mode':
      return { ...turn, facts: { ...turn.facts, mode: event.choice } };
    case 'across': {
      const { done, total, isCombining } = event;
      const parts = mergeParts(turn.facts.across?.parts ?? [], event.parts);
      return {
        ...turn,
        phase: { kind: 'across', done, total, isCombining },
        facts: { ...turn.facts, across: { parts, notCombined: 0 } },
      };
    }
    case 'thinking':
    case 'thought':
    case 'tool':
    case 'tool-limit':
      return withStep(turn, event);
    case 'done':
    case 'stopped':
      return ended(turn, event.type, event.message, null);
    case 'failed':
      return ended(turn, 'failed', event.message, event.error);
  }
}

/** Those that changed take the place of what they were. */
function mergeParts(
  before: readonly AcrossPart[],
  changed: readonly AcrossPart[],
): readonly AcrossPart[] {
  if (before.length === 0) return changed;
  const now = new Map(changed.map((part) => [part.documentId, part]));
  return before.map((part) => now.get(part.documentId) ?? part);
}

function withStep(turn: TurnSnapshot, event: StepEvent): TurnSnapshot {
  const { steps } = turn;
  const last = steps.at(-1);
  const open = last?.kind === 'thinking' && last.ms === null ? last : null;
  switch (event.type) {
    case 'thinking': {
      const before = open ? steps.slice(0, -1) : steps;
      const text = (open?.text ?? '') + event.text;
      return {
        ...turn,
        phase: { kind: 'thinking' },
        steps: [...before, { kind: 'thinking', text, ms: null }],
      };
    }
    case 'thought':
      return open ? { ...turn, steps: [...steps.slice(0, -1), { ...open, ms: event.ms }] } : turn;
    case 'tool': {
      const { use } = event;
      const at = steps.findIndex((step) => step.kind === 'tool' && step.id === use.id);
      const phase =
        use.state === 'asking' || use.state === 'running'
          ? ({ kind: use.state === 'asking' ? 'asking' : 'tool', tool: use.name } as const)
          : ({ kind: 'waiting' } as const);
      return { ...turn, phase, steps: at < 0 ? [...steps, use] : steps.with(at, use) };
    }
    case 'tool-limit':
      return { ...turn, steps: [...steps, { kind: 'limit', rounds: event.rounds }] };
  }
}

function ended(
  turn: TurnSnapshot,
  type: 'done' | 'stopped' | 'failed',
  message: Message | null,
  error: ErrorShape | null,
): TurnSnapshot {
  return {
    phase: { kind: 'ended' },
    text: message?.text ?? turn.text,
    sources: message?.sources ?? turn.sources,
    steps: message?.steps ?? turn.steps,
    facts: message?.facts ?? turn.facts,
    end: { type, message, error },
  };
}

/**
 * Follows one turn, live or after a reload: both are the same events from a number on. An event seen
 * before is dropped; one that comes early waits, and the stream is opened again from the last number
 * held, because a gap means that something was lost on the way. Text is gathered and handed over once
 * a frame, so that a fast model does not render more often than the screen shows.
 */
export function readTurn(ports: TurnReaderPorts): { reattach: () => void; close: () => void } {
  let turn = emptyTurn;
  let last = 0;
  let closed = false;
  let scheduled = false;
  let healing = false;
  let opening = 0;
  let stop: () => void = () => undefined;
  const early = new Map<number, TurnEvent>();

  function flush() {
    scheduled = false;
    if (!closed) ports.commit(turn);
  }

  function accept(numbered: Numbered<TurnEvent>) {
    if (turn.end || numbered.seq <= last) return;
    if (numbered.seq > last + 1) {
      early.set(numbered.seq, numbered.event);
      heal();
      return;
    }
    take(numbered.event);
    for (let next = early.get(last + 1); next; next = early.get(last + 1)) {
      early.delete(last + 1);
      take(next);
    }
    if (early.size === 0) healing = false;
    if (turn.end) {
      ports.commit(turn);
      close();
    } else if (!scheduled) {
      scheduled = true;
      ports.frame(flush);
    }
  }

  function take(event: TurnEvent) {
    last += 1;
    if (!turn.end) turn = applyTurnEvent(turn, event);
  }

  function heal() {
    if (healing) return;
    healing = true;
    attach();
  }

  function attach() {
    stop();
    const mine = ++opening;
    stop = () => undefined;
    const closeThis = ports.open(last, (event) => {
      if (!closed && mine === opening) accept(event);
    });
    // A stream may end while it is being opened: then it is closed already.
    if (closed || mine !== opening) closeThis();
    else stop = closeThis;
  }

  function close() {
    if (closed) return;
    closed = true;
    stop();
  }

  attach();
  return {
    reattach() {
      if (!closed) attach();
    },
    close,
  };
}

/** The next picture, or a quarter of a second in a hidden window, where no pictures are made. */
export function nextFrame(flush: () => void): void {
  if (document.hidden) setTimeout(flush, 250);
  else requestAnimationFrame(flush);
}
