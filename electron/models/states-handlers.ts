import type { Announcer } from '../core/ports.ts';
import type { CoreHandlers, HandlersOf } from '../ipc/handlers.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { States } from './states.ts';

/** What the window and MAIN ask of saved states. */
export function createStatesHandlers(ports: {
  readonly states: States;
  readonly announcer: Announcer;
  readonly models: () => readonly StoredModel[];
  /** Files were looked at. */
  readonly ready: () => Promise<void>;
}): HandlersOf<'states'> & Pick<CoreHandlers, 'private.stateKey'> {
  const { states } = ports;
  return {
    'states.status': () => ports.ready().then(() => states.status(ports.models())),
    'states.clear': async () => {
      const bytes = await states.clear();
      ports.announcer.push('models.changed', { modelId: null });
      return { bytes };
    },
    'private.stateKey': ({ key, canProtect }) => {
      states.hand(key, canProtect);
      return null;
    },
  };
}
