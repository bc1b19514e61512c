export const network = {
  'network.title': 'Network',
  'network.note':
    'How Quarry reaches the hub when you ask for a download. By itself it never connects.',
  'network.open': 'Network settings',
  'network.opening': 'Looking up how Quarry connects…',

  'network.proxy': 'Proxy',
  'network.proxy.system': 'As the system',
  'network.proxy.none': 'None',
  'network.proxy.manual': 'Own address',
  'network.proxy.systemNote':
    'The system’s settings count. Quarry looks them up when it is about to connect. A proxy script (PAC) that lies on another computer cannot be read: give the address then.',
  'network.proxy.environmentNote': 'Set by this computer’s environment variables: {proxy}.',
  'network.proxy.noneNote': 'Quarry connects directly.',
  'network.proxy.address': 'Address of the proxy',
  'network.proxy.addressNote':
    'http://, https:// or socks5://, with a port. A proxy that wants a password: set HTTPS_PROXY instead, so that it is not kept here.',
  'network.proxy.bypass': 'Reach without it',
  'network.proxy.bypassNote': 'Hosts, separated by commas. example.com also means all below it.',
  'network.proxy.bypassWrong': 'Host names only, separated by commas.',
  'network.proxy.save': 'Use this proxy',
  'network.saved': 'Kept. It counts from the next connection on.',

  'network.mirror': 'Mirror of the hub',
  'network.mirrorNote': 'An https address that answers as the hub does. Empty for the hub itself.',
  'network.mirrorWrong': 'This needs to be an https address without name and password.',
  'network.mirror.save': 'Use this address',
  'network.endpoint.hub': 'Models come from {address}.',
  'network.endpoint.setting': 'Models come from {address}, as set here.',
  'network.endpoint.overridden':
    'Models come from {address}, as set here. HF_ENDPOINT names another and does not count.',
  'network.endpoint.environment': 'Models come from {address}, as HF_ENDPOINT says.',
  'network.endpoint.refused':
    'HF_ENDPOINT is set to something that is no https address, so nothing can be downloaded. Mend it, or give a mirror here.',

  'network.token': 'Access token for the hub',
  'network.token.note': 'For models that the hub gives out to accounts only.',
  'network.token.protected':
    'It is kept encrypted by your system’s keychain, sent to the hub only, and never shown again.',
  'network.token.unprotected':
    'No keychain that encrypts was found on this system. The token can be kept unencrypted in a file that only you can read.',
  'network.token.allowFile': 'Keep it in such a file',
  'network.token.save': 'Keep token',
  'network.token.remove': 'Remove token',
  'network.token.system': 'A token is kept since {day}, encrypted by your system’s keychain.',
  'network.token.file':
    'A token is kept since {day}, unencrypted, in a file that only you can read: hub-token in Quarry’s folder.',
  'network.token.environment': 'A token comes from the variable HF_TOKEN.',
  'network.token.unreadable':
    'A token is kept, but the keychain no longer opens it. Enter it again, or remove it.',
  'network.token.refused':
    'The file hub-token in Quarry’s folder can be read by others or holds no token. It is not used, and downloads wait until only you can read it.',

  'network.authority': 'Certificate authority',
  'network.authority.note':
    'For networks that look into connections: your firm’s own authority, as a PEM file. The system’s authorities count anyway.',
  'network.authority.add': 'Add a certificate…',
  'network.authority.replace': 'Choose another…',
  'network.authority.remove': 'Remove certificate',
  'network.authority.value':
    '{subject}{count, plural, one {} other { and # in all}}. Valid until {day}.',
  'network.authority.expired': '{subject}. It expired on {day}: ask for a new one.',

  'network.test': 'Test connection',
  'network.testing': 'Asking {host}…',
  'network.through': ' through the proxy {proxy}',
  'network.outcome.reached':
    '{host} answers{through}.{token, select, yes { It takes the token.} other {}}',
  'network.outcome.no-hub':
    '{host} answers{through}, but not as the hub does ({status}). Check the mirror’s address.',
  'network.outcome.token-refused': '{host} answers{through}, but it refuses the token.',
  'network.outcome.token-needed': '{host} answers{through}, but it wants an access token.',
  'network.outcome.busy': '{host} answers{through}, but it is busy ({status}). Try again later.',
  'network.outcome.proxy-refused':
    'The proxy {proxy} refuses. It may want a name and password, or not allow {host}.',
  'network.outcome.proxy-unreachable': 'The proxy {proxy} cannot be reached.',
  'network.outcome.certificate':
    'The certificate of {host}{through} is not trusted. If your firm looks into connections, add its certificate authority.',
  'network.outcome.unreachable': '{host} cannot be reached. Check the connection and the proxy.',
  'network.outcome.name-unknown':
    'No address is known for {host}. Check the connection, or set a proxy.',
  'network.outcome.timeout': '{host} does not answer in time{through}.',

  'network.keys': 'Keys for signatures',
  'network.keys.shipped': 'Keys as of {day}, shipped with Quarry.',
  'network.keys.refreshed': 'Keys as of {day}, refreshed.',
  'network.keys.note': 'Checking a signature needs no network: the keys are on this computer.',
  'network.keys.refresh': 'Check for newer keys',
  'network.keys.refreshWhere': 'Check for newer keys…',
  'network.keys.refreshing': 'Asking Sigstore’s server…',
  'network.keys.done': 'Quarry has the newest keys.',
  'network.keys.auto': 'Refresh keys when a signature is checked',
  'network.keys.autoNote':
    'Connects to Sigstore’s server each time. If it cannot be reached, the keys that are there count.',

  'errors.proxy-invalid.title': 'The proxy cannot be used',
  'errors.proxy-invalid.text':
    '{reason, select, password {Leave name and password out: settings are no place for them. HTTPS_PROXY may hold them.} other {It needs to be http://, https:// or socks5:// with a host and a port.}}',
  'errors.authority-invalid.title': 'No certificate in this file',
  'errors.authority-invalid.text':
    '{reason, select, large {The file is too large for a list of certificates.} unreadable {The file could not be read.} other {Quarry reads certificates in PEM form: text with “BEGIN CERTIFICATE”.}}',
  'errors.token-invalid.title': 'This is no token',
  'errors.token-invalid.text': 'A token is one word of 8 to 512 letters, digits and signs.',
  'errors.token-unprotected.title': 'No keychain encrypts the token',
  'errors.token-unprotected.text': 'Allow the file that only you can read, or set HF_TOKEN.',
  'errors.token-file-open.title': 'The token file can be read by others',
  'errors.token-file-open.text':
    'Quarry does not use it. Let only yourself read {path} (mode 0600), or remove it.',
  'errors.keys-refused.title': 'The newer keys were refused',
  'errors.keys-refused.text':
    '{reason, select, expired {What the server sent is out of date, or this computer’s clock is wrong.} older {They are older than the keys that are there.} foreign {They are not signed by the keys that Quarry trusts.} other {What the server sent makes no sense.}} The keys that are there still count.',
} as const;
