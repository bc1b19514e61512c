import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock, Tasks } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import type { FoundModel } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import type { StoredOrigin } from '../storage/repositories/origins.ts';
import { fileIdentity } from './file-hash.ts';
import type { Library } from './library.ts';
import { scanForModels } from './scan.ts';
import { readBundleText } from './verify/index.ts';

export interface Found {
  readonly handlers: Pick<HandlersOf<'models'>, 'models.scan' | 'models.addFound'>;
  /** What is known of a file that a person chose: nothing, but for a signature beside it. */
  chosen(path: string): Promise<StoredOrigin>;
}

const mostKept = 5000;
/** No model needs a longer one. */
const signatureBytes = 4 * 1024 * 1024;

/** Files of other programs: found, compared with the library, added where they lie. */
export function createFound(ports: {
  readonly library: Pick<Library, 'list' | 'import'>;
  readonly tasks: Tasks;
  readonly clock: Clock;
}): Found {
  const { library } = ports;
  /** What the last scan said of each path: the window only names paths. */
  let scanned: ReadonlyMap<string, FoundModel> = new Map();

  const origin = async (path: string): Promise<StoredOrigin> => {
    const found = scanned.get(resolve(path));
    const repository = found?.repository ?? null;
    return {
      source: found === undefined ? 'file' : 'folder',
      tool: found?.tool ?? null,
      repository,
      revision: null,
      file: found?.name ?? null,
      url: null,
      // Anyone can name a folder.
      isHint: repository !== null,
      signature: await signatureBeside(path),
      at: ports.clock.now(),
    };
  };

  return {
    chosen: origin,
    handlers: {
      'models.scan': async ({ paths }) => {
        const { models, isCut } = await scanForModels(paths);
        const all = [...scanned.values(), ...models];
        scanned = new Map(all.slice(-mostKept).map((one) => [one.path, one]));
        const known = new Map<string, string>();
        for (const { path, name } of library.list()) known.set(await fileIdentity(path), name);
        const files = [];
        for (const model of models) {
          files.push({ ...model, knownAs: known.get(await fileIdentity(model.path)) ?? null });
        }
        return { models: files, isCut };
      },
      'models.addFound': async ({ paths }) => {
        const [path = ''] = paths;
        const { modelId, taskId } = await library.import(path, 'reference', await origin(path));
        // One that looks like another is compared by its hash first, and may be refused for it.
        const isThere = () => library.list().some(({ id }) => id === modelId);
        if (!isThere()) await ports.tasks.finished(taskId);
        if (!isThere()) throw new AppError('cancelled', 'stopped');
        return { modelId };
      },
    },
  };
}

/** Text of the model.sig in the same folder; null = there is none that could be one. */
async function signatureBeside(path: string): Promise<string | null> {
  const beside = join(dirname(resolve(path)), 'model.sig');
  try {
    const found = await stat(beside);
    // Reading a pipe would wait for ever.
    return found.isFile() && found.size <= signatureBytes ? await readBundleText(beside) : null;
  } catch {
    return null;
  }
}
