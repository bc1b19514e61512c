import type { NativeModel } from '../../native/llama/binding.ts';
import { createTextBatcher, createTextStream } from './answer.ts';
import type { ChatPrompt, EngineEvent } from './port.ts';
import type { ChatTemplate } from './template.ts';
import type { ThinkingProtocol } from './thinking.ts';
import { thinkingOf } from './thinking.ts';
import type { AnswerPart, CallForm } from './tool-calls.ts';
import { callClose, callFormOf, callOpen, createAnswerSplitter } from './tool-calls.ts';

/** The markup of a model's answers beside text. */
export interface AnswerProtocol {
  readonly calls: CallForm | null;
  readonly thinking: ThinkingProtocol | null;
}

export function protocolOf(source: string, template: ChatTemplate): AnswerProtocol {
  return { calls: callFormOf(source), thinking: thinkingOf(source, template.header) };
}

/** Turns the ids of an answer into events. */
export interface AnswerWriter {
  push(token: number): void;
  /** Nothing more comes: gives out what was held back. Again: nothing happens. */
  end(): void;
  /** All text so far, markup and all. */
  readonly raw: string;
  /** `raw` as it stands in a later prompt; only where it is not the text of the 'text' events. */
  readonly again: { readonly raw?: string };
}

/**
 * Only what the model generates is looked at: the text of a prompt, documents and tool results in it,
 * never passes here and can be no call.
 */
export function createAnswerWriter(
  model: Pick<NativeModel, 'detokenize' | 'specials'>,
  protocol: AnswerProtocol,
  prompt: ChatPrompt,
  emit: (event: EngineEvent) => void,
  now: () => number,
): AnswerWriter {
  const calls = prompt.tools && prompt.tools.length > 0 ? protocol.calls : null;
  const { thinking } = protocol;
  const tags = [
    ...(calls ? [callOpen, callClose] : []),
    ...(thinking ? [thinking.open, thinking.close] : []),
  ];
  const controls = new Map<number, string>();
  for (const tag of tags) {
    const id = model.specials.get(tag);
    if (id !== undefined) controls.set(id, tag);
  }
  const stream = createTextStream(model);
  const texts = createTextBatcher(emit, now);
  const thoughts = createTextBatcher(
    (event) => emit(event.type === 'text' ? { type: 'thinking', text: event.text } : event),
    now,
  );
  const splitter =
    tags.length === 0
      ? null
      : createAnswerSplitter({
          ...{ calls, thinking },
          controls: new Set(controls.values()),
          ...(prompt.tools && { tools: prompt.tools }),
        });
  let raw = '';
  let isOver = false;
  let isMarked = thinking?.begins === true;

  const give = (parts: readonly AnswerPart[]): void => {
    for (const part of parts) {
      if (part.type === 'call') {
        isMarked = true;
        texts.flush();
        thoughts.flush();
        emit({ type: 'tool-call', call: part.call });
      } else if (part.type === 'thinking') {
        isMarked = true;
        texts.flush();
        thoughts.push(part.text);
      } else {
        thoughts.flush();
        texts.push(part.text);
      }
    }
  };

  return {
    push(token) {
      const tag = controls.get(token);
      const piece = stream.push(token);
      raw += piece;
      if (!splitter) {
        texts.push(piece);
        return;
      }
      give(splitter.push(piece));
      if (tag === undefined) return;
      isMarked = true;
      raw += tag;
      give(splitter.mark(tag));
    },
    end() {
      if (isOver) return;
      isOver = true;
      if (splitter) give(splitter.end());
      thoughts.flush();
      texts.flush();
    },
    get raw() {
      return raw;
    },
    get again() {
      return isMarked ? { raw: (thinking?.prefix ?? '') + raw } : {};
    },
  };
}
