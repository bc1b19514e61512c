type Facts = Readonly<Record<string, string | number>>;

const size = (bytes: unknown): string => `${(Number(bytes) / 1_000_000).toFixed(1)} MB`;
const wait = (facts: Facts): string => {
  const ms = Number(facts['waitMs'] ?? 0);
  return ms >= 1000 ? `, next try in ${Math.round(ms / 1000)} s` : '';
};

/** Every line a download's log can hold, in plain words. Facts never hold an address's query or a token. */
const lines: Readonly<Record<string, (facts: Facts) => string>> = {
  queued: (f) => `Put in line; asked for at ${f['host']}`,
  started: (f) => `Started, ${size(f['done'])} are already here`,
  identified: (f) => `The server has the file: ${size(f['bytes'])}`,
  resolved: (f) => `The bytes come from ${f['host']}`,
  'resolved-again': (f) => `The address had run out; a new one leads to ${f['host']}`,
  paused: (f) => `Paused at ${size(f['done'])}`,
  resumed: () => 'Goes on',
  'went-on': (f) => `Quarry was started again; goes on at ${size(f['done'])}`,
  fetched: (f) =>
    `${size(f['bytes'])} came over ${f['lines']} ${f['lines'] === 1 ? 'line' : 'lines'}`,
  joined: () => 'Asked for once more; both wait for the same download',
  woken: () => 'The network came back; asking again at once',
  'no-connection': (f) => `No connection${wait(f)}`,
  cut: (f) => `The connection was cut at ${size(f['done'])}${wait(f)}`,
  stalled: (f) => `The server fell silent${wait(f)}`,
  slow: (f) => `The connection crawled and was dropped${wait(f)}`,
  busy: (f) => `The server asked to wait${wait(f)}`,
  'server-error': (f) => `The server has a fault${wait(f)}`,
  refused: (f) => `The address was refused${wait(f)}`,
  'not-found': (f) => `There is no such file at the address${wait(f)}`,
  'bad-status': (f) => `The server gave an answer that does not fit${wait(f)}`,
  'bad-redirect': (f) => `The server pointed to an address that cannot be used${wait(f)}`,
  'insecure-redirect': (f) =>
    `The server pointed to an unprotected address; not followed${wait(f)}`,
  'too-many-redirects': (f) => `The server sent us in circles${wait(f)}`,
  encoded: (f) => `The server packed the bytes although asked not to${wait(f)}`,
  'wrong-range': (f) => `The server sent another part than was asked for${wait(f)}`,
  'wrong-size': (f) => `The server's file has another length${wait(f)}`,
  whole: (f) => `The server sent the whole file instead of a part${wait(f)}`,
  changed: () => 'The file changed on the server in the middle',
  'shorter-now': () => 'The file on the server became shorter',
  'start-over': () => 'What was fetched is worthless now: started over',
  quarantined: (f) =>
    `sha256 is ${f['found']}, expected ${f['expected']}: put aside, fetching again to find the bad part`,
  'bad-range': (f) => `Wrong bytes were found from ${f['start']} to ${f['end']} and replaced`,
  'disk-damage': () => 'Fetching again found the same bytes; the server itself has a wrong file',
  verified: (f) => `All bytes are here, sha256 ${f['sha256']} is right`,
  unverified: (f) => `All bytes are here, sha256 ${f['sha256']}; there was none to compare with`,
  installed: (f) => `Finished as ${f['name']}`,
  failed: (f) => `Stopped: ${f['failure']}`,
};

/** A log line as a person reads it. */
export function wording(event: string, facts: Facts): string {
  return lines[event]?.(facts) ?? event;
}
