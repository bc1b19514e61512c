import { isIP } from 'node:net';
import { AppError } from './app-error.ts';

/**
 * Where an endpoint setting leads, without a slash at its end. Throws 'invalid-argument' for anything
 * but https, plain http to this machine excepted.
 */
export function readEndpoint(text: string): string {
  const url = URL.parse(text.trim());
  const isHere = url !== null && isLoopback(url.hostname);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere);
  if (url === null || !isSafe || url.username !== '' || url.password !== '' || url.search !== '') {
    throw new AppError('invalid-argument', 'the endpoint is no https address');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/**
 * The address of a proxy as a person typed it: http, https or socks5 with a host; http where no scheme
 * is given. A name and password are refused: settings are no place for them, the environment is.
 * Throws 'proxy-invalid' (detail: reason 'form' | 'password').
 */
export function readProxy(text: string): string {
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  const isKnown = url !== null && ['http:', 'https:', 'socks5:'].includes(url.protocol);
  const isBare = url !== null && ['', '/'].includes(url.pathname) && url.search + url.hash === '';
  if (url === null || !isKnown || !isBare || url.hostname === '') throw wrongProxy('form');
  if (url.username !== '' || url.password !== '') throw wrongProxy('password');
  return `${url.protocol}//${url.host}`;
}

const wrongProxy = (reason: 'form' | 'password'): AppError =>
  new AppError('proxy-invalid', 'the address of the proxy cannot be used', { detail: { reason } });

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
