import type { Backend, Backends } from '../../../../../electron/ipc/contract/index.ts';
import { bytes, t } from '../../../i18n/index.ts';

/** "Vulkan", "Processor", "rocm (own build)". */
export function backendName(name: string): string {
  return t('backends.name', { name, own: name.replace(/^own:/, '') });
}

/** Why it is not used, or what it runs on: one sentence. */
export function backendWords(backend: Backend, all: Backends): string {
  const { reason, devices, memory } = backend;
  const name = backendName(backend.name);
  if (reason === null) {
    if (devices.length === 0) return t('backends.works');
    const words = devices.join(', ');
    return memory > 0
      ? t('backends.worksOn', { devices: words, memory: bytes(memory) })
      : t('backends.worksOnNamed', { devices: words });
  }
  if (reason === 'not-tried') {
    if (backend.name === 'cpu') return t('backends.reason.processor');
    const place = all.list.findIndex((one) => one.name === backend.name);
    const isBehind = all.list.findIndex((one) => one.name === all.chosen) < place;
    return t(isBehind ? 'backends.reason.not-tried-needless' : 'backends.reason.not-tried');
  }
  return t(`backends.reason.${reason}`, { name });
}
