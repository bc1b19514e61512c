import { AppError } from './app-error.ts';

/** A token as it may stand in a header line: what surrounds it goes. Throws 'token-invalid', which never quotes it. */
export function readToken(text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]{8,512}$/.test(token)) throw new AppError('token-invalid', 'this is no token');
  return token;
}
