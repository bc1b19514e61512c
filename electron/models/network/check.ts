import type { ConnectionOutcome, ConnectionTest } from '../../ipc/contract/index.ts';
import type { Http } from '../download/ports.ts';
import { failureOf } from './failure.ts';

/** A public model's facts: the shortest question that the hub and every mirror of it answers. */
const question = '/api/models/ibm-granite/granite-4.0-h-tiny';
const patience = 20_000;

/** One HEAD to the hub or what stands in for it, and what came of it. Never throws for what the network does. */
export async function testConnection(ports: {
  readonly http: Http;
  readonly address: string;
  /** Host and port, for telling. */
  readonly proxy: string | null;
  readonly hasToken: boolean;
  readonly signal: AbortSignal;
}): Promise<ConnectionTest> {
  const { http, address, proxy, hasToken } = ports;
  const facts = { host: new URL(address).host, proxy, usedToken: hasToken };
  try {
    const reply = await http.open({
      method: 'HEAD',
      url: `${address}${question}`,
      headers: {},
      signal: AbortSignal.any([ports.signal, AbortSignal.timeout(patience)]),
    });
    reply.discard();
    return { ...facts, outcome: outcomeOf(reply.status, hasToken), status: reply.status };
  } catch (error) {
    return { ...facts, outcome: failureOf(error, proxy !== null), status: null };
  }
}

function outcomeOf(status: number, hasToken: boolean): ConnectionOutcome {
  if (status >= 200 && status < 400) return 'reached';
  if (status === 401 || status === 403) return hasToken ? 'token-refused' : 'token-needed';
  if (status === 407) return 'proxy-refused';
  if (status === 429 || status >= 500) return 'busy';
  return 'no-hub';
}
