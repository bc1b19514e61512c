/** Dialogs that any place may ask for; the shell renders them. One at a time. */
export type Ask =
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'add-model' }
  | { readonly kind: 'load-model'; readonly modelId: string }
  | { readonly kind: 'import-model'; readonly path: string };

export class Dialogs {
  #open = $state.raw<Ask | null>(null);

  get open(): Ask | null {
    return this.#open;
  }

  ask(dialog: Ask): void {
    this.#open = dialog;
  }

  close(): void {
    this.#open = null;
  }
}
