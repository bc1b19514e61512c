import { describe, expect, it } from 'vitest';
import { fakeApi, refusal } from './api.fake.ts';
import { ApiError, createClient, shapeOf } from './api.ts';

describe('the client', () => {
  it('gives values and throws typed errors', async () => {
    const fake = fakeApi({
      'tasks.cancel': () => null,
      'chat.stop': () => {
        throw refusal('not-found', { name: 'x' });
      },
    });
    const client = createClient(fake.api);
    await expect(client.tasks.cancel({ taskId: 't' })).resolves.toBeNull();
    expect(fake.calls).toEqual([{ name: 'tasks.cancel', args: { taskId: 't' } }]);
    const error = await client.chat.stop({ turnId: 't' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(shapeOf(error)).toEqual({
      code: 'not-found',
      message: 'not-found',
      detail: { name: 'x' },
    });
  });

  it('is refused by name where a fake has no answer', async () => {
    await expect(createClient(fakeApi().api).models.list()).rejects.toThrow(
      'no fake answer for models.list',
    );
  });

  it('makes anything thrown a shape', () => {
    expect(shapeOf(new Error('x'))).toEqual({ code: 'internal', message: 'x' });
  });
});
