import type { Task } from '../../../electron/ipc/contract/index.ts';
import type { Client } from '../api.ts';
import { asked } from './asked.svelte.ts';
import type { Asked } from './asked.svelte.ts';

/** Long runs: loading, importing, hashing, reading documents. */
export class Tasks {
  #api: Client;
  #asked: Asked<readonly Task[]>;

  constructor(api: Client) {
    this.#api = api;
    this.#asked = asked(api, 'tasks.changed', () => api.tasks.list());
  }

  get list(): readonly Task[] {
    return this.#asked.value ?? [];
  }

  get running(): readonly Task[] {
    return this.list.filter((task) => task.state === 'running' || task.state === 'waiting');
  }

  /** The newest task about a model or collection. */
  about(targetId: string): Task | undefined {
    return this.list
      .filter((task) => task.targetId === targetId)
      .reduce<Task | undefined>((a, b) => (a && a.startedAt > b.startedAt ? a : b), undefined);
  }

  cancel(taskId: string): Promise<null> {
    return this.#api.tasks.cancel({ taskId });
  }

  close(): void {
    this.#asked.close();
  }
}
