import type { DownloadLine, ModelDownload } from '../../../../../electron/ipc/contract/index.ts';
import { bytes, clock, duration, hasKey, percent, t } from '../../../i18n/index.ts';

/** What it is doing, in words: its state and, where it waits, why and how long. */
export function stateOf(download: ModelDownload, now: number): string {
  const { state, wait, isAgain } = download;
  if (state === 'waiting' && wait !== null) {
    if (wait.reason !== 'asked') return t(`downloads.${wait.reason}`);
    const left = Math.ceil((wait.until - now) / 1000) * 1000;
    return left > 0 ? t('downloads.asked', { time: duration(left) }) : t('downloads.askedNow');
  }
  if (state === 'queued' || state === 'checking') return t(`downloads.${state}`);
  if (state === 'waiting') return t('downloads.trouble');
  return isAgain && state === 'active' ? t('downloads.again') : t(`get.${state}`);
}

/** "fetching · 1 GB of 4 GB · 10 MB a second · 5 min left". */
export function factsOf(download: ModelDownload, now: number): string {
  const { state, bytes: all, done, bytesPerSecond, secondsLeft } = download;
  const flows = state === 'active' && bytesPerSecond > 0;
  return [
    stateOf(download, now),
    all === null ? bytes(done) : t('get.of', { done: bytes(done), all: bytes(all) }),
    ...(flows ? [t('get.speed', { speed: bytes(bytesPerSecond) })] : []),
    ...(flows && secondsLeft !== null
      ? [t('get.left', { time: duration(secondsLeft * 1000) })]
      : []),
  ].join(' · ');
}

/** Share of the bytes, 0 to 1; null while their number is not known. */
export function shareOf({ bytes: all, done }: ModelDownload): number | null {
  return all === null || all === 0 ? null : Math.min(1, done / all);
}

const moving = ['queued', 'active', 'waiting', 'checking'];

/** All downloads as one short line for those who look at another view; null when there are none. */
export function totalOf(list: readonly ModelDownload[]): string | null {
  const on = list.filter(({ state }) => moving.includes(state));
  if (on.length === 0) {
    const failed = list.filter(({ state }) => state === 'failed').length;
    if (failed > 0) return t('downloads.totalFailed', { count: failed });
    return list.length > 0 ? t('downloads.totalPaused', { count: list.length }) : null;
  }
  const count = on.length;
  const sum = (of: (one: ModelDownload) => number) => on.reduce((all, one) => all + of(one), 0);
  const all = sum((one) => one.bytes ?? one.done);
  const done = sum((one) => one.done);
  const share = percent(all === 0 ? 0 : done / all);
  const rate = sum(({ state, bytesPerSecond }) => (state === 'active' ? bytesPerSecond : 0));
  if (rate > 0) {
    const time = duration(Math.ceil((all - done) / rate) * 1000);
    return t('downloads.totalLeft', { count, share, time });
  }
  const isStuck = on.some(({ state }) => state === 'waiting');
  return t(isStuck ? 'downloads.totalWaits' : 'downloads.total', { count, share });
}

export interface LogEntry {
  readonly at: number;
  readonly text: string;
  /** How often in a row, and when last; null = once. */
  readonly again: string | null;
}

/** Lines of a log in the window's words; what happened many times in a row stands there once. */
export function entriesOf(lines: readonly DownloadLine[]): readonly LogEntry[] {
  const runs: { first: DownloadLine; last: DownloadLine; count: number }[] = [];
  for (const line of lines) {
    const run = runs.at(-1);
    if (run?.first.event === line.event) {
      run.last = line;
      run.count += 1;
    } else runs.push({ first: line, last: line, count: 1 });
  }
  return runs.map(({ first, last, count }) => ({
    at: first.at,
    text: lineOf(first),
    again: count === 1 ? null : t('downloads.times', { count, time: clock(last.at) }),
  }));
}

function lineOf({ event, facts, text }: DownloadLine): string {
  const isNew = event === 'started' && facts['done'] === 0;
  const key = isNew ? 'downloads.log.startedNew' : `downloads.log.${event}`;
  if (!hasKey(key)) return text;
  const size = (name: string) => bytes(Number(facts[name] ?? 0));
  const time = (name: string) => duration(Number(facts[name] ?? 0));
  const sizes = {
    done: size('done'),
    bytes: size('bytes'),
    start: size('start'),
    end: size('end'),
  };
  const named = { host: '', sha256: '', lines: 1, ...facts };
  return t(key, { ...named, ...sizes, wait: time('waitMs'), time: time('ms') });
}
