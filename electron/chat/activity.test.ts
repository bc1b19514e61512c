import { describe, expect, it } from 'vitest';
import type { ToolUse, TurnEvent } from '../ipc/contract/index.ts';
import { createStreamLog } from '../ipc/stream-log.ts';
import { createActivities } from './activity.ts';

const use = (state: ToolUse['state']): TurnEvent => ({
  type: 'tool',
  use: { state } as ToolUse,
});

describe('what conversations do', () => {
  it('is told by the events of their newest turn, and announced only when it changes', () => {
    const announced: string[] = [];
    const activities = createActivities((id) => announced.push(`${id} ${activities.of(id)}`));
    const log = createStreamLog<TurnEvent>();
    const events = activities.begin('c', 't', log);
    expect(activities.of('c')).toBe('answering');
    events.append({ type: 'queued', position: 0 });
    events.append({ type: 'queued', position: 2 });
    events.append({ type: 'queued', position: 1 });
    events.append({ type: 'text', text: 'It' });
    events.append({ type: 'text', text: ' ends' });
    events.append(use('asking'));
    events.append(use('running'));
    expect(announced).toEqual(['c waiting', 'c answering', 'c asking', 'c answering']);
    expect([log.length, events.length, events.ended]).toEqual([7, 7, false]);
    events.append({ type: 'failed', error: { code: 'internal', message: '' }, message: null });
    expect(activities.of('c')).toBeUndefined();
    expect(announced.at(-1)).toBe('c undefined');
  });

  it('is not that of a turn that gave way to a newer one', () => {
    const announced: string[] = [];
    const activities = createActivities((id) => announced.push(id));
    const old = activities.begin('c', 'old', createStreamLog());
    activities.begin('c', 'new', createStreamLog());
    old.append({ type: 'queued', position: 1 });
    activities.end('c', 'old');
    expect(activities.of('c')).toBe('answering');
    expect(announced).toEqual([]);
  });
});
