import type { ConnectionOutcome } from '../../ipc/contract/index.ts';

const certificateCodes =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO|ERR_TLS_CERT|UND_ERR_PRX_TLS|INVALID_CA|HOSTNAME_MISMATCH|INVALID_PURPOSE|PATH_LENGTH)/;

/** What a connection that gave no answer failed at. @param isProxied a proxy stood in between. */
export function failureOf(error: unknown, isProxied: boolean): ConnectionOutcome {
  const all = [...causes(error)];
  const codes = all.map(({ code }) => (typeof code === 'string' ? code : ''));
  if (codes.some((code) => certificateCodes.test(code))) return 'certificate';
  const isTold = all.some(
    ({ code, message }) =>
      /proxy (response|authentication)|socks5.*(auth|reject|refus|not allowed|failed)/i.test(
        String(message),
      ) || String(code).startsWith('UND_ERR_SOCKS5'),
  );
  if (isProxied && isTold) return 'proxy-refused';
  const isLate = (code: string): boolean => /TIMEOUT|TIMEDOUT/.test(code);
  if (all.some(({ name }) => name === 'TimeoutError') || codes.some(isLate)) return 'timeout';
  if (isProxied) return 'proxy-unreachable';
  return codes.some((code) => /^(ENOTFOUND|EAI_)/.test(code)) ? 'name-unknown' : 'unreachable';
}

function* causes(error: unknown, depth = 0): Generator<Partial<NodeJS.ErrnoException>> {
  if (typeof error !== 'object' || error === null || depth > 5) return;
  yield error;
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  yield* causes(cause, depth + 1);
  for (const one of Array.isArray(errors) ? errors : []) yield* causes(one, depth + 1);
}
