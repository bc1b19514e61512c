import type { ToolName, ToolUse } from '../../../../electron/ipc/contract/index.ts';
import { toolNames } from '../../../../electron/ipc/contract/index.ts';
import { t } from '../../i18n/index.ts';

/** A tool's name for people; what the model wrote where Quarry has no such tool. */
export function toolName(name: string): string {
  const known = toolNames.find((one: ToolName) => one === name);
  if (known) return t(`tools.name.${known}`);
  return name === '' ? t('tools.unreadable') : name;
}

/** What a call is about, in one short line. */
export function askedWith({ arguments: given }: ToolUse): string {
  const values = Object.values(given).map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  return values.join(', ').replace(/\s+/g, ' ').slice(0, 200);
}

/** One line that says what became of a call. */
export function useWords(use: ToolUse): string {
  const name = toolName(use.name);
  if (use.name === '') return name;
  const short = use.name === 'calculator' || use.name === 'date_time';
  const isAnswer = use.state === 'failed' || (use.state === 'done' && short);
  const what = (isAnswer ? (use.result ?? '').replace(/^Error: /, '') : askedWith(use)).slice(
    0,
    120,
  );
  return t(`tools.state.${use.state}`, { name, what });
}
