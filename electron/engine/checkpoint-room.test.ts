import { describe, expect, it } from 'vitest';
import { createCheckpointRoom } from './checkpoint-room.ts';
import type { Session, SessionPool } from './sessions.ts';

const state = 10_000;

/** A session whose sequence stands at 100 tokens, with a checkpoint of each kind that was kept. */
function sessionOf(id: string, positions: readonly number[] = []): Session {
  const checkpoints = positions.map((position) => ({ position, kind: 'answer', bytes: state }));
  const sequence = {
    length: 100,
    checkpoints,
    async checkpoint(kind: string) {
      checkpoints.push({ position: 100, kind, bytes: state });
    },
    drop(position: number) {
      checkpoints.splice(
        checkpoints.findIndex((each) => each.position === position),
        1,
      );
    },
  };
  return { id, sequence } as unknown as Session;
}

function roomFor(sessions: readonly Session[], leaving: readonly Session[], states: number) {
  const pool = { list: () => sessions, leaving: () => leaving } as unknown as SessionPool;
  return createCheckpointRoom(pool, { recurrent: 1000, budget: states * state });
}

const kept = (session: Session): number[] =>
  session.sequence.checkpoints.map(({ position }) => position);

describe('room for checkpoints', () => {
  it('is not what a session that is being saved still holds', async () => {
    const mine = sessionOf('mine');
    await roomFor([mine], [sessionOf('leaving', [40])], 1).keep(mine, 'prompt');
    expect(kept(mine)).toEqual([]);
    await roomFor([mine], [sessionOf('leaving', [40])], 2).keep(mine, 'prompt');
    expect(kept(mine)).toEqual([100]);
  });

  it('is made before one is taken', async () => {
    const mine = sessionOf('mine');
    const other = sessionOf('other', [30, 60]);
    await roomFor([other, mine], [], 2).keep(mine, 'prompt');
    expect(kept(mine)).toEqual([100]);
    expect(kept(other)).toHaveLength(1);
  });
});
