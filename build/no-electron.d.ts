// `electron` resolves to this file in the core and renderer projects, so that importing it there
// does not compile: there is nothing in it to import.
declare const electronIsNotAvailableHere: never;
export = electronIsNotAvailableHere;
