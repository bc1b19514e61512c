import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/**
 * Folders where LM Studio, Ollama and the hub's own client keep models: the places that their settings
 * in the environment name, else the usual ones. Only those that are there.
 */
export async function usualModelFolders(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const cache = env['XDG_CACHE_HOME'] || join(home, '.cache');
  const hubHome = env['HF_HOME'] || join(cache, 'huggingface');
  const places = [
    join(home, '.lmstudio', 'models'),
    join(home, '.cache', 'lm-studio', 'models'),
    env['OLLAMA_MODELS'] || join(home, '.ollama', 'models'),
    // Where Ollama's service on Linux keeps them.
    '/usr/share/ollama/.ollama/models',
    env['HF_HUB_CACHE'] || join(hubHome, 'hub'),
  ];
  const there = await Promise.all(
    places.map(async (path) => {
      const found = isAbsolute(path) ? await stat(path).catch(() => null) : null;
      return found?.isDirectory() ? [path] : [];
    }),
  );
  return there.flat();
}
