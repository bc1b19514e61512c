/** The last part of a path of either system. */
export function fileName(path: string): string {
  const bare = path.replace(/[\\/]+$/, '');
  return bare.slice(Math.max(bare.lastIndexOf('/'), bare.lastIndexOf('\\')) + 1);
}
