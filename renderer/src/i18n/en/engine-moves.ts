export const engineMoves = {
  'moves.readAfterDisk': '{read} tokens read, {kept} kept on disk',
} as const;
