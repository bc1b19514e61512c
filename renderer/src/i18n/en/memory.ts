export const memory = {
  'memory.title': 'Memory',
} as const;
