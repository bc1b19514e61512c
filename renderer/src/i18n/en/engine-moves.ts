export const engineMoves = {
  'moves.keptOnDisk': 'what was kept came from disk',
} as const;
