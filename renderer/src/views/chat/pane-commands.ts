import { citationAt, lastAnswer } from '../../components/chat/answers.ts';
import { evidenceOf } from '../../components/chat/evidence-of.ts';
import { t } from '../../i18n/index.ts';
import type { App } from '../../state/app.svelte.ts';
import type { ShownMessage } from '../../state/chat/conversation.svelte.ts';

interface Pane {
  shown(): readonly ShownMessage[];
  composer(): { focus(): void; pickModel(): void } | undefined;
}

/** Answers the menu's and the keyboard's commands for an open conversation. @returns how to stop. */
export function answerCommands({ commands, evidence, toasts }: App, pane: Pane): () => void {
  const copyLast = async (): Promise<void> => {
    const text = lastAnswer(pane.shown());
    if (text) await navigator.clipboard.writeText(text);
    if (text) toasts.show(t('chat.copied'));
  };
  const offs = [
    commands.on('new-conversation', () => pane.composer()?.focus()),
    commands.on('pick-model', () => pane.composer()?.pickModel()),
    commands.on('copy-answer', () => void copyLast()),
    ...Array.from({ length: 9 }, (_, index) =>
      commands.on(`citation-${index + 1}`, () => {
        const citation = citationAt(pane.shown(), index + 1);
        if (citation) evidence.open(evidenceOf(citation));
      }),
    ),
  ];
  return () => offs.forEach((off) => off());
}
