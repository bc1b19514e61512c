import type { ShellKey } from './keys.ts';

/** Commands of the keyboard or the menu that the view on screen carries out itself. */
export class Commands {
  #handlers = new Map<string, () => void>();

  /** The view says what a command does while it is on screen. Returns the way to take that back. */
  on(command: ShellKey, handler: () => void): () => void {
    this.#handlers.set(command, handler);
    return () => {
      if (this.#handlers.get(command) === handler) this.#handlers.delete(command);
    };
  }

  /** True when somebody carried it out. */
  run(command: ShellKey): boolean {
    const handler = this.#handlers.get(command);
    handler?.();
    return handler !== undefined;
  }
}
