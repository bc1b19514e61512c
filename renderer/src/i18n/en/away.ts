export const away = {
  'away.list.missing': 'The folder is away: renamed, moved or on a disk that is not connected',
  'away.list.denied': 'The folder may not be opened',
  'away.list.unreadable': 'The folder cannot be read at the moment',
  'away.list.short': 'away',
  'away.choose': 'Choose its new place…',
  'away.found':
    '{count, plural, =0 {Nothing in {folder} is what was read before.} one {# document found again in {folder}.} other {# documents found again in {folder}.}}',
} as const;
