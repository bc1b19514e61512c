import type { App, Session } from 'electron';

/**
 * The window needs no network at all, so Chromium is given none: what its own services would look up
 * in the background is switched off, its resolver knows no host, and every request that is not ours
 * is cancelled. Must run before the app is ready.
 */
export function quietChromium(app: App): void {
  const { commandLine } = app;
  for (const name of [
    'disable-background-networking',
    'disable-component-update',
    'disable-default-apps',
    'disable-domain-reliability',
    'disable-sync',
    'dns-prefetch-disable',
    'no-pings',
    'no-proxy-server',
  ]) {
    commandLine.appendSwitch(name);
  }
  commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  commandLine.appendSwitch(
    'disable-features',
    [
      'AutofillServerCommunication',
      'CertificateTransparencyComponentUpdater',
      'DialMediaRouteProvider',
      'MediaRouter',
      'NetworkTimeServiceQuerying',
      'OptimizationHints',
      'SpareRendererForSitePerProcess',
      'Translate',
    ].join(','),
  );
}

const ours = new Set(['quarry:', 'devtools:', 'blob:', 'data:']);

/** @param onBlocked told the scheme and host of a request that was cancelled, never its path. */
export function blockNetwork(session: Session, onBlocked: (where: string) => void): void {
  session.webRequest.onBeforeRequest((details, done) => {
    const url = new URL(details.url);
    if (ours.has(url.protocol)) return done({});
    onBlocked(`${url.protocol}//${url.host}`);
    done({ cancel: true });
  });
}

/** Nothing is granted to a page, except writing text to the clipboard: the copy buttons. */
export function denyPermissions(session: Session): void {
  const allowed = 'clipboard-sanitized-write';
  session.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === allowed),
  );
  session.setPermissionCheckHandler((_contents, permission) => permission === allowed);
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
}

/** No page goes anywhere else, opens a window or holds a webview. */
export function denyNavigation(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
