import type { Component } from 'svelte';

/** One line of a menu. A separator is `null` in the list. */
export interface MenuItem {
  readonly label: string;
  readonly icon?: Component;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** Given for choices: the chosen one carries a tick. */
  readonly checked?: boolean;
  /** A second, quieter line. */
  readonly note?: string;
  /** Opens a dialog: done once the menu has given the focus back, which would else be taken from it. */
  readonly opensDialog?: boolean;
  readonly onselect: () => void;
}
export type MenuItems = readonly (MenuItem | null)[];
