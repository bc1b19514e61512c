import type { ErrorShape } from '../../../electron/ipc/contract/index.ts';
import { shapeOf } from '../api.ts';
import { wordingOf } from '../errors.ts';

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
  readonly action: ToastAction | null;
}

const lifetimeMs = 8000;

/** Short notes at the bottom, with an undo where something was taken away. */
export class Toasts {
  #list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  get list(): readonly Toast[] {
    return this.#list;
  }

  show(text: string, action: ToastAction | null = null, tone: Toast['tone'] = 'plain'): number {
    // The same words again are the same note, longer: a pile of them says nothing more.
    for (const same of this.#list.filter((one) => one.text === text)) this.dismiss(same.id);
    const id = this.#next++;
    this.#list = [...this.#list.slice(-2), { id, text, tone, action }];
    this.#arm(id);
    return id;
  }

  /** Words for a refusal, from the one table. */
  error(error: unknown): void {
    const shape: ErrorShape = shapeOf(error);
    if (shape.code === 'cancelled') return;
    const words = wordingOf(shape);
    this.show(`${words.title}. ${words.text}`, null, 'bad');
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }

  /** While the pointer or the focus is on a toast it stays. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  release(id: number): void {
    this.#arm(id);
  }

  #arm(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), lifetimeMs),
    );
  }
}
