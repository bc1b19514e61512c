/** A failure of set-up with the way out of it. Printed without a stack. */
export class SetupError extends Error {
  /** @param {string} what @param {string} wayOut */
  constructor(what, wayOut) {
    super(what);
    this.name = 'SetupError';
    this.wayOut = wayOut;
  }
}

/** Progress goes to stderr: `quarry ask` must keep stdout for its answer. @param {string} line */
export function say(line) {
  process.stderr.write(`[setup] ${line}\n`);
}

/** Prints what failed and how to go on, then ends with status 1. @param {unknown} error @returns {never} */
export function giveUp(error) {
  if (error instanceof SetupError) {
    process.stderr.write(`\n[setup] failed: ${error.message}\n[setup] way out: ${error.wayOut}\n`);
  } else {
    process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
  }
  process.exit(1);
}
