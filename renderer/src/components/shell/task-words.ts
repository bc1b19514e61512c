import type { Task } from '../../../../electron/ipc/contract/index.ts';
import { bytes, duration, percent, t } from '../../i18n/index.ts';

/** Share of the work done, null while its size is not known. */
export function shareOf(task: Task): number | null {
  if (task.state === 'waiting' || task.total <= 0) return null;
  return Math.min(1, task.done / task.total);
}

/** "Reading Leases": what is going on. */
export function titleOf(task: Task): string {
  return t(`tasks.${task.kind}`, { name: task.subject });
}

/** "3 of 12 files · lease.pdf · 2 min left": how far, in the task's own unit. */
export function progressOf(task: Task, now: number): string {
  // Nothing is counted before its turn comes.
  if (task.state === 'waiting' || (task.unit === 'files' && task.total === 0))
    return t('tasks.waiting');
  const parts: string[] = [];
  const share = shareOf(task);
  if (task.unit === 'fraction') parts.push(percent(share ?? 0));
  else if (task.unit === 'bytes') {
    parts.push(t('tasks.bytes', { done: bytes(task.done), total: bytes(task.total) }));
  } else parts.push(t('tasks.files', { done: task.done, total: task.total }));
  const left = timeLeft(task, share, now);
  if (left !== null) parts.push(t('tasks.left', { time: duration(left) }));
  if (task.failures > 0) parts.push(t('tasks.failures', { count: task.failures }));
  return parts.join(' · ');
}

/** Milliseconds to go at the pace so far; null before it says anything (under 3 s or 2 %). */
function timeLeft(task: Task, share: number | null, now: number): number | null {
  const spent = now - task.startedAt;
  if (share === null || share < 0.02 || share >= 1 || spent < 3000) return null;
  const left = (spent / share) * (1 - share);
  return left < 2000 ? null : Math.round(left / 1000) * 1000;
}
