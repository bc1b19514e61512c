import type { LeftOut, Message, ModeChoice } from '../ipc/contract/index.ts';

/** How the documents were used and why, in a line. */
export function modeWords({ mode, reason, documents, isAutomatic }: ModeChoice): string {
  const all = documents === 1 ? 'the document' : `${documents} documents`;
  const what = {
    passages: `searched ${all} for passages`,
    whole: `read all of ${all}`,
    across: documents === 1 ? 'asked the document' : `asked each of ${documents} documents`,
  }[mode];
  return isAutomatic ? `${what}: ${reasons[reason]}` : what;
}

const reasons: Readonly<Record<ModeChoice['reason'], string>> = {
  chosen: 'as chosen',
  talk: 'nothing was asked',
  fact: 'the question is about something that stands in one place',
  'one-fits': 'it fits, and the question is about all of it',
  'few-fit': 'they fit together, and the question is about all of them',
  'read-before': 'the model has read it before',
  'goes-on': 'the conversation goes on about it',
  'each-apart': 'the question is about each of them',
  'overview-apart': 'the question is about all of it, and it does not fit at once',
  'too-many': 'asking each would take long; --mode across does it',
  'not-read': 'none of the documents has been read',
};

/** What --json tells of how an answer came about. */
export function answerFacts({ facts = {}, claims }: Message): object {
  const { mode, across, leftOut = [], searched, missing = [], evidence } = facts;
  return {
    mode:
      mode === undefined
        ? null
        : { mode: mode.mode, reason: mode.reason, automatic: mode.isAutomatic },
    contradictions: claims.flatMap(({ state, differences = [], citation }) =>
      state === 'contradicted'
        ? differences.map((one) => ({ ...one, document: citation?.documentName ?? null }))
        : [],
    ),
    unsupported: claims.filter(({ state }) => state === 'unsupported').length,
    missing,
    evidence: evidence ?? null,
    leftOut,
    asked: (across?.parts ?? []).map(({ documentName, state, text }) => ({
      document: documentName,
      state,
      answer: text,
    })),
    searched: searched ?? null,
  };
}

/** The same in lines, where there is something to tell. */
export function factLines(message: Message): string[] {
  const { facts = {}, claims } = message;
  const { mode, across, leftOut = [], searched, missing = [] } = facts;
  const lines: string[] = [];
  if (mode !== undefined && mode.kind !== 'talk') lines.push(modeWords(mode));
  for (const { state, differences = [], citation } of claims) {
    if (state !== 'contradicted') continue;
    for (const { kind, said, found } of differences) {
      lines.push(
        kind === 'denial'
          ? `contradiction: ${citation?.documentName ?? 'the document'} says the opposite: "${found}"`
          : `contradiction: the answer says ${said}, ${citation?.documentName ?? 'the document'} says ${found}`,
      );
    }
  }
  const unsupported = claims.filter(({ state }) => state === 'unsupported').length;
  if (unsupported > 0) {
    lines.push(`${unsupported} of ${claims.length} statements are not supported by the documents`);
  }
  if (missing.length > 0) lines.push(`nothing found speaks of: ${missing.join(', ')}`);
  for (const { documentName, state } of across?.parts ?? []) {
    if (state === 'answered' || state === 'nothing') continue;
    lines.push(`${documentName}: ${unasked[state]}`);
  }
  lines.push(...leftOut.map((one) => leftOutWords(one)));
  if (searched !== undefined) {
    const names = [...new Set(searched.nearest.map(({ documentName }) => documentName))];
    lines.push(
      `looked through ${searched.documents} documents; nearest: ${names.length > 0 ? names.join(', ') : 'none'}`,
    );
    if (searched.failed !== undefined) {
      const { count, name } = searched.failed;
      lines.push(`could not be read: ${name}${count > 1 ? ` and ${count - 1} more` : ''}`);
    }
    if (searched.unknown.length > 0) lines.push(`in none of them: ${searched.unknown.join(', ')}`);
  }
  return lines;
}

const unasked = {
  waiting: 'not asked',
  reading: 'not asked to its end',
  failed: 'failed',
  'too-long': 'did not fit',
  'not-read': 'was not read',
  stopped: 'not asked: stopped',
} as const;

function leftOutWords(one: LeftOut): string {
  if (one.kind === 'message') return `did not fit: an earlier message ("${one.text}")`;
  const where = one.page === null ? one.documentName : `${one.documentName}, page ${one.page}`;
  return one.isCut ? `only a part was read: ${where}` : `did not fit: ${where}`;
}
