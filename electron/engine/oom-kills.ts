import { join } from 'node:path';
import { groupFolders, readText } from './free-memory.ts';

/**
 * How often the kernel has ended a process for lack of memory: in the control group of this process
 * where that is counted (it counts kills of the whole machine's shortage too), else on this machine.
 * @returns null where nothing is counted.
 */
export function oomKills(read: (path: string) => string = readText): number | null {
  const { version, folders } = groupFolders(read);
  const name = version === 1 ? 'memory.oom_control' : 'memory.events';
  const texts = [...folders.map((folder) => read(join(folder, name))), read('/proc/vmstat')];
  for (const text of texts) {
    const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}
