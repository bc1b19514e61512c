export const welcome = {
  'welcome.title': 'Welcome to Quarry',
} as const;
