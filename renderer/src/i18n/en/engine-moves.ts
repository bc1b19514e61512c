export const engineMoves = {
  'moves.readAfterDisk':
    '{read, plural, one {# token} other {# tokens}} read, {kept, number} kept on disk',
} as const;
