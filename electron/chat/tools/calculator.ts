/** Most characters, and deepest brackets: far above what anyone asks, far below what takes time. */
const longest = 1000;
const deepest = 100;

const names: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
const functions: Readonly<Record<string, (...given: number[]) => number>> = {
  sqrt: Math.sqrt,
  abs: Math.abs,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  ln: Math.log,
  log: Math.log10,
  exp: Math.exp,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  min: Math.min,
  max: Math.max,
};

/** Why an expression has no value; the words go to the model. */
export class CalculationError extends Error {}

/**
 * The value of an arithmetic expression: numbers, + - * / % ^ (also × ÷ − and **), brackets, a few
 * functions, pi and e. Nothing else is read, nothing is run. 15 digits count, as a double holds them.
 * Throws CalculationError.
 */
export function calculate(expression: string): string {
  if (expression.length > longest) throw new CalculationError('the expression is too long');
  const tokens = tokensOf(expression);
  let at = 0;
  let depth = 0;

  const peek = (): string | undefined => tokens[at];
  const take = (wanted: string): boolean => {
    if (tokens[at] !== wanted) return false;
    at += 1;
    return true;
  };
  const need = (wanted: string): void => {
    if (!take(wanted)) throw unexpected(peek());
  };

  const sum = (): number => {
    let value = product();
    for (;;) {
      if (take('+')) value += product();
      else if (take('-')) value -= product();
      else return value;
    }
  };
  const product = (): number => {
    let value = signed();
    for (;;) {
      if (take('*')) value *= signed();
      else if (take('/')) value /= divisor(signed());
      else if (take('%')) value %= divisor(signed());
      else return value;
    }
  };
  const signed = (): number => {
    let sign = 1;
    while (peek() === '-' || peek() === '+') {
      if (tokens[at] === '-') sign = -sign;
      at += 1;
    }
    return sign * power();
  };
  // -2^2 is -4, and 2^3^2 is 2^9.
  const power = (): number => {
    const base = single();
    return take('^') ? base ** signed() : base;
  };
  const single = (): number => {
    depth += 1;
    if (depth > deepest) throw new CalculationError('too many brackets');
    try {
      return inner();
    } finally {
      depth -= 1;
    }
  };
  const inner = (): number => {
    const token = peek();
    at += 1;
    if (token === '(') {
      const value = sum();
      need(')');
      return value;
    }
    if (token !== undefined && /^[\d.]/.test(token)) return Number(token);
    if (token !== undefined && Object.hasOwn(names, token)) return names[token] as number;
    const apply =
      token !== undefined && Object.hasOwn(functions, token) ? functions[token] : undefined;
    if (!apply) throw unexpected(token);
    need('(');
    const given = [sum()];
    while (take(',')) given.push(sum());
    need(')');
    return apply(...given);
  };

  const value = sum();
  if (at < tokens.length) throw unexpected(peek());
  if (!Number.isFinite(value)) throw new CalculationError('the result is no finite number');
  return written(value);
}

function tokensOf(expression: string): string[] {
  const plain = expression
    .toLowerCase()
    .replaceAll('×', '*')
    .replaceAll('÷', '/')
    .replaceAll('−', '-')
    .replaceAll('**', '^')
    // 1,000,000 is one number; max(1, 2) holds a blank or no group of three.
    .replaceAll(/(?<![\d.])\d{1,3}(,\d{3})+(?![\d,])/g, (number) => number.replaceAll(',', ''));
  const tokens: string[] = [];
  const pattern = /\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|[a-z]+|[-+*/%^(),])/y;
  let end = 0;
  for (let match = pattern.exec(plain); match; match = pattern.exec(plain)) {
    tokens.push(match[1] as string);
    end = pattern.lastIndex;
  }
  const rest = plain.slice(end).replace(/^\s*=?\s*$/, '');
  if (rest !== '') throw unexpected(rest.trim()[0]);
  return tokens;
}

function divisor(value: number): number {
  if (value === 0) throw new CalculationError('division by zero');
  return value;
}

function written(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value === 0 ? 0 : value);
  const digits = Number(value.toPrecision(15));
  return Number.isInteger(value) ? `about ${digits}` : String(digits);
}

function unexpected(token: string | undefined): CalculationError {
  return new CalculationError(
    token === undefined
      ? 'the expression is not complete'
      : `"${token.slice(0, 20)}" is not understood`,
  );
}
