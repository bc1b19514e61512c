import { describe, expect, it } from 'vitest';
import { commandOf } from './keys.ts';

const press = (key: string, mods: string, code = '') => ({
  key,
  code,
  ctrlKey: mods.includes('c'),
  metaKey: mods.includes('m'),
  altKey: mods.includes('a'),
  shiftKey: mods.includes('s'),
});

describe('shortcuts', () => {
  it.each([
    ['n', 'c', 'new-conversation'],
    ['k', 'c', 'search'],
    ['1', 'c', 'view-chat'],
    ['5', 'c', 'settings'],
    [',', 'c', 'settings'],
    ['/', 'c', 'shortcuts'],
    ['/', 'cs', 'shortcuts'],
    ['C', 'cs', 'copy-answer'],
    ['M', 'cs', 'pick-model'],
    ['2', 'a', 'citation-2'],
  ])('%s with %s is %s', (key, mods, command) => {
    expect(commandOf(press(key, mods), 'linux')).toBe(command);
  });

  it('uses the command key on a Mac, where Alt+1 types another sign', () => {
    expect(commandOf(press('n', 'm'), 'darwin')).toBe('new-conversation');
    expect(commandOf(press('n', 'c'), 'darwin')).toBeNull();
    expect(commandOf(press('¡', 'a', 'Digit1'), 'darwin')).toBe('citation-1');
  });

  it.each([
    ['n', ''],
    ['6', 'c'],
    ['c', 'c'],
    ['n', 'cs'],
    ['q', 'ca'],
  ])('leaves %s with "%s" alone', (key, mods) => {
    expect(commandOf(press(key, mods), 'linux')).toBeNull();
  });
});
