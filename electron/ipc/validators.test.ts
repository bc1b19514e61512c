import { describe, expect, it } from 'vitest';
import { coreValidators, pathsIn, shellValidators } from './validators.ts';

const refused = expect.objectContaining({ code: 'invalid-argument' }) as Error;

describe('validators', () => {
  it('bound what a broken window could send', () => {
    const { calls } = coreValidators;
    expect(() => calls['conversations.get']({ id: 'x'.repeat(201) })).toThrow(refused);
    expect(() =>
      calls['chat.send']({ conversationId: 'a', parentId: null, text: 'x'.repeat(2_000_001) }),
    ).toThrow(refused);
    expect(() => calls['documents.page']({ documentId: 'd', page: 0 })).toThrow(refused);
    expect(() => calls['documents.page']({ documentId: 'd', page: 1.5 })).toThrow(refused);
    expect(() => calls['memory.history']({ since: Infinity })).toThrow(refused);
    expect(() => calls['models.import']({ paths: ['/a', '/b'], mode: 'copy' })).toThrow(refused);
    expect(() => calls['settings.set']({ values: { textSize: 99 } })).toThrow(refused);
    expect(() => coreValidators.streams.turn({ turnId: 't', after: -1 })).toThrow(refused);
  });

  it('say which field, and never quote what arrived', () => {
    const secret = 'the text of a prompt';
    try {
      coreValidators.calls['chat.send']({ conversationId: 'a', parentId: 1, text: secret });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ detail: { call: 'chat.send', field: 'parentId' } });
      expect(JSON.stringify([error, String(error)])).not.toContain(secret);
    }
  });

  it('take a field set to undefined for one left out', () => {
    const args = { id: 'a', title: undefined };
    expect(coreValidators.calls['conversations.update'](args)).toEqual({ id: 'a' });
  });

  it('open only web addresses', () => {
    const open = shellValidators.calls['shell.openExternal'];
    expect(open({ url: 'https://example.org/a?b#c' })).toEqual({
      url: 'https://example.org/a?b#c',
    });
    for (const url of [
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://host/share',
      'quarry://app/',
      ' https://example.org',
      'https:',
      '',
    ]) {
      expect(() => open({ url }), url).toThrow(refused);
    }
  });

  it('finds the paths of a call for the relay', () => {
    expect(pathsIn({ paths: ['/a'], mode: 'copy' })).toEqual(['/a']);
    // A check of a model's file may come with a signature or without one.
    expect(pathsIn({ modelId: 'm', paths: [] })).toEqual([]);
    for (const args of [{ paths: '/a' }, { paths: [1] }, null, 'x', {}]) {
      expect(pathsIn(args)).toBeUndefined();
    }
  });
});
