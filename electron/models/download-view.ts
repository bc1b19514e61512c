import type { DownloadWait, ErrorShape, ModelDownload } from '../ipc/contract/index.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { Download } from './download/index.ts';

/** A download as the window and the command line see it. */
export function downloadView(
  download: Download,
  about: {
    readonly catalog: Catalog;
    readonly refusal: ErrorShape | null;
    readonly wentOn: boolean;
  },
): ModelDownload {
  const { id, bytes, done, bytesPerSecond, secondsLeft } = download;
  const [catalogId = '', file = ''] = download.subject.split('/');
  const model = about.catalog.models.find((one) => one.id === catalogId);
  const offer = model?.gguf?.files.find(({ name }) => name === file);
  const error = about.refusal ?? failureOf(download);
  const waits = download.state === 'done' ? 'checking' : download.state;
  const state = error === null ? waits : 'failed';
  return {
    ...{ id, catalogId, file, state, bytes, done, bytesPerSecond, secondsLeft, error },
    name: model?.name ?? file,
    quantization: offer?.quantization ?? null,
    wait: state === 'waiting' ? waitOf(download) : null,
    isAgain: download.quarantine !== null,
    wentOn: about.wentOn,
  };
}

function waitOf({ wait }: Download): DownloadWait | null {
  if (wait === null) return null;
  const reasons: Readonly<Record<string, DownloadWait['reason']>> = {
    busy: 'asked',
    'no-connection': 'offline',
  };
  return { reason: reasons[wait.event] ?? 'trouble', until: wait.until };
}

function failureOf({ failure, fileName }: Download): ErrorShape | null {
  if (failure === null) return null;
  const message = `the download ended: ${failure}`;
  if (failure === 'disk-full' || failure === 'internal') return { code: failure, message };
  if (failure === 'permission-denied') {
    return { code: failure, message, detail: { file: fileName } };
  }
  if (failure === 'exists') return { code: 'model-exists', message };
  if (failure === 'wrong-bytes' || failure === 'wrong-size' || failure === 'changed') {
    return { code: 'download-mismatch', message };
  }
  const reasons = { refused: 'denied', 'not-found': 'missing', server: 'answer' } as const;
  return { code: 'download-failed', message, detail: { reason: reasons[failure] } };
}
