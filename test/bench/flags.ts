/** `--full` was given: as large as the figures in the README. */
export const full = process.argv.includes('--full');

/** The text of `--name=text`. */
export function flag(name: string): string | undefined {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** The number of `--name=number`, or the usual one. */
export function number(name: string, usual: number): number {
  const given = flag(name);
  const value = given === undefined ? usual : Number(given);
  if (!Number.isFinite(value) || value < 0) throw new Error(`bench: --${name} must be a number`);
  return value;
}
