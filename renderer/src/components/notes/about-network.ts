import type { ErrorShape } from '../../../../electron/ipc/contract/index.ts';

const codes: readonly ErrorShape['code'][] = [
  'network-unreachable',
  'proxy-invalid',
  'authority-invalid',
  'token-file-open',
];

/** Whether the way out leads through Settings → Network: the proxy, an authority or an access token. */
export const isAboutNetwork = ({ code, detail }: ErrorShape): boolean =>
  codes.includes(code) || (code === 'download-failed' && detail?.['reason'] === 'denied');
