import type { CodeUnit } from './code.ts';

/** Words that may stand before the word that begins a definition. */
const modifiers =
  '(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|open|sealed|data|inline|local|pub|unsafe|partial|virtual|readonly|extern|const|suspend|operator|fileprivate|mutating|case)\\s+){0,6}';
const definition = new RegExp(
  `^([ \\t]{0,16})${modifiers}(?:function|func|fun|fn|def|defp|defmodule|defmacro|sub|class|struct|interface|trait|enum|object|module|namespace|protocol|extension|record|procedure|proc|impl|macro|message|service|rpc|package|resource|mixin)\\s+([\\w$.:"'\`-]{1,100})`,
  'i',
);
const sql =
  /^()\s{0,8}create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:unique\s+)?(?:table|view|function|procedure|index|trigger|type|schema)\s+(?:if\s+not\s+exists\s+)?([\w."`[\]]{1,100})/i;
const shell = /^()([\w-]{1,100})\s{0,4}\(\)\s{0,4}\{/;
/** A method of C# and its like: words of visibility, a type, a name, an opening bracket. */
const method =
  /^([ \t]{0,16})(?:(?:public|private|protected|internal|static|async|override|virtual|abstract|sealed)\s+){1,5}[\w<>[\],.?]{1,80}\s+(\w{1,100})\s*\(/;
const section = /^()\[{1,2}([^\][]{1,100})\]{1,2}\s*$/;
const assigned = /^()(?:local\s+)?([\w.]{1,100})\s*(?:<-|=)\s*function\b/;
const rules = [definition, sql, shell, method, section, assigned];

const longestLine = 400;

/**
 * Definitions by the words that begin them, for languages without a grammar here. A unit goes on to the next
 * one, or to a line that is less indented; what stands deeper is named with what it stands in.
 */
export function unitsByRules(lines: readonly string[]): CodeUnit[] {
  const found: { line: number; indent: number; name: string }[] = [];
  const open: { indent: number; name: string }[] = [];
  lines.forEach((line, index) => {
    if (line.length > longestLine) return;
    for (const rule of rules) {
      const match = rule.exec(line);
      if (match === null) continue;
      const indent = (match[1] ?? '').replaceAll('\t', '    ').length;
      const own = (match[2] ?? '').replace(/["'`:]+$|^["'`]/g, '');
      if (own === '') return;
      while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
      const above = open.at(-1);
      const name = above === undefined ? own : `${above.name}.${own}`;
      if (open.length < 4) open.push({ indent, name });
      found.push({ line: index, indent, name });
      return;
    }
  });
  return found.map(({ line, indent, name }, index) => {
    const next = found[index + 1]?.line ?? lines.length;
    return { from: line, to: endOf(lines, line, next, indent), name };
  });
}

/** Trailing empty lines, and lines that begin further left (but for a closing sign), are not the unit's. */
function endOf(lines: readonly string[], from: number, next: number, indent: number): number {
  let end = from + 1;
  for (let at = from + 1; at < next; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const deep = line.length - line.trimStart().length;
    if (deep < indent) break;
    end = at + 1;
    if (deep === indent && /^\s*(?:\}|end\b)/i.test(line)) break;
  }
  return end;
}
