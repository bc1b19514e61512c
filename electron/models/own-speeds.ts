import type { ExpectedSpeed, MachineSpeed } from '../ipc/contract/index.ts';
import { answerSpeeds } from '../storage/repositories/speeds.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Reader } from '../storage/sql.ts';
import type { Catalog } from './catalog/catalog.ts';
import { activeBytesOf, expectedSpeed } from './catalog/speed.ts';
import type { OwnSpeed } from './catalog/speed.ts';

/** Expected tokens a second, corrected by the answers that this library's models have written. */
export function createOwnSpeeds(ports: {
  readonly db: Reader;
  readonly library: { list(): readonly StoredModel[] };
  readonly speeds: { known(): MachineSpeed | null };
}) {
  return {
    /** What the models of the library wrote answers with, those whose shape is known; by id. */
    ownSpeeds(known: Catalog): ReadonlyMap<string, OwnSpeed> {
      const found = new Map<string, OwnSpeed>();
      for (const [id, tokensPerSecond] of answerSpeeds(ports.db)) {
        const header = ports.library.list().find((model) => model.id === id)?.header;
        const activeBytes = header ? activeBytesOf(header, known) : null;
        if (activeBytes !== null) found.set(id, { tokensPerSecond, activeBytes });
      }
      return found;
    },
    speedOf(
      model: StoredModel,
      known: Catalog,
      own: ReadonlyMap<string, OwnSpeed>,
    ): ExpectedSpeed | null {
      const ownOf = own.get(model.id);
      return expectedSpeed(
        activeBytesOf(model.header, known),
        model.header.recurrentBytesPerSession,
        ports.speeds.known(),
        // Its own answers say more than those of other models.
        ownOf ? [ownOf] : [...own.values()],
      );
    },
  };
}
