import type { Component } from 'svelte';

/** One line of what a field offers while one types. */
export interface Suggestion {
  readonly label: string;
  /** Quieter, at the line's end. */
  readonly note?: string;
  readonly icon?: Component;
}
