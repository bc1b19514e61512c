import { AppError } from '../../ipc/app-error.ts';
import type { DownloadRequest } from './types.ts';

/** Names that some system reads as something else. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Throws AppError 'invalid-argument' for an address or a name that cannot be used. */
export function checkRequest(request: DownloadRequest): void {
  const url = URL.parse(request.url);
  const parts = request.fileName.split('/');
  const bad =
    url === null ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username !== '' ||
    url.password !== '' ||
    parts.some(
      (part) =>
        // eslint-disable-next-line no-control-regex
        !/^[^\\:*?"<>|\u0000-\u001f]{1,200}$/.test(part) ||
        /^\.|[. ]$/.test(part) ||
        reserved.test(part),
    ) ||
    (request.sha256 !== null && !/^[0-9a-f]{64}$/i.test(request.sha256)) ||
    (request.bytes !== null && !(Number.isSafeInteger(request.bytes) && request.bytes >= 0));
  if (bad) throw new AppError('invalid-argument', 'this cannot be downloaded');
}
