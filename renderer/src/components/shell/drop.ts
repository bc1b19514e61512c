/** Sorts dropped paths: one model file at most (the first), everything else is for the library. */
export function sortDrop(paths: readonly string[]): {
  readonly documents: readonly string[];
  readonly model: string | null;
} {
  const isModel = (path: string) => /\.gguf$/i.test(path);
  return {
    documents: paths.filter((path) => !isModel(path)),
    model: paths.find(isModel) ?? null,
  };
}
