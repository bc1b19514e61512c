import type { SyntaxNode } from '@lezer/common';
import type { LRParser } from '@lezer/lr';
import type { CodeUnit } from './code.ts';
import type { Beat } from './extracted.ts';

/** A class is one unit while it is this short; a longer one gives its methods. */
const longestClass = 1500;
const deepest = 8;
const longestName = 100;

const functions = new Set(
  (
    'FunctionDeclaration FunctionDefinition FunctionItem FunctionDecl MethodDeclaration MethodDecl ' +
    'ConstructorDeclaration VariableDeclaration MacroDefinition'
  ).split(' '),
);
const classes = new Set(
  (
    'ClassDeclaration ClassDefinition ClassSpecifier StructSpecifier InterfaceDeclaration EnumDeclaration ' +
    'TypeAliasDeclaration TraitDeclaration StructItem EnumItem TraitItem ImplItem TypeItem TypeDecl EnumSpecifier ' +
    'RecordDeclaration'
  ).split(' '),
);
/** What stands around definitions without being one. */
const wrappers = new Set(
  (
    'Script Program SourceFile TranslationUnit ExportDeclaration DecoratedStatement ClassBody InterfaceBody EnumBody ' +
    'Body FieldDeclarationList DeclarationList NamespaceDefinition NamespaceDeclaration TemplateDeclaration ModItem ' +
    'LinkageSpecification CompoundStatement Template TextInterpolation AmbientDeclaration Module'
  ).split(' '),
);
const functionNames =
  /^(?:VariableDefinition|VariableName|PropertyDefinition|PrivatePropertyDefinition|Definition|Identifier|ScopedIdentifier|FieldIdentifier|BoundIdentifier|DefName|FieldName|Name)$/;
const classNames =
  /^(?:VariableDefinition|VariableName|TypeDefinition|Definition|TypeIdentifier|DefName|Name)$/;

/**
 * Definitions by the language's grammar; null for a language without one here. Broken code is read as far as
 * it goes: these are an editor's grammars.
 */
export async function unitsByGrammar(
  text: string,
  extension: string,
  beat: Beat,
): Promise<readonly CodeUnit[] | null> {
  const parser = await parserFor(extension);
  if (parser === null) return null;
  const parse = parser.startParse(text);
  let tree = parse.advance();
  for (let steps = 1; tree === null; steps += 1) {
    if (steps % 100_000 === 0) beat();
    tree = parse.advance();
  }
  const starts = lineStarts(text);
  const units: CodeUnit[] = [];
  collect(tree.topNode, '', 0, { text, starts, units });
  return units;
}

async function parserFor(extension: string): Promise<LRParser | null> {
  switch (extension) {
    case 'js':
    case 'mjs':
    case 'cjs':
    case 'jsx':
      return (await import('@lezer/javascript')).parser.configure({ dialect: 'jsx' });
    case 'ts':
    case 'mts':
    case 'cts':
      return (await import('@lezer/javascript')).parser.configure({ dialect: 'ts' });
    case 'tsx':
      return (await import('@lezer/javascript')).parser.configure({ dialect: 'jsx ts' });
    case 'py':
    case 'pyi':
      return (await import('@lezer/python')).parser;
    case 'java':
      return (await import('@lezer/java')).parser;
    case 'c':
    case 'h':
    case 'cc':
    case 'cpp':
    case 'cxx':
    case 'hh':
    case 'hpp':
    case 'hxx':
    case 'ino':
      return (await import('@lezer/cpp')).parser;
    case 'rs':
      return (await import('@lezer/rust')).parser;
    case 'go':
      return (await import('@lezer/go')).parser;
    case 'php':
      return (await import('@lezer/php')).parser;
    default:
      return null;
  }
}

interface Source {
  readonly text: string;
  readonly starts: readonly number[];
  readonly units: CodeUnit[];
}

function collect(node: SyntaxNode, prefix: string, depth: number, source: Source): void {
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    const { name } = child.type;
    const inner =
      name === 'DecoratedStatement' || name === 'ExportDeclaration' ? wrapped(child) : child;
    const kind = inner.type.name;
    if (classes.has(kind)) {
      const own = named(inner, source.text, classNames);
      const full = `${prefix}${own ?? ''}`;
      if (own !== null && inner.to - inner.from > longestClass && depth < deepest) {
        collect(inner, `${full}.`, depth + 1, source);
      } else if (own !== null) add(child, full, source);
    } else if (functions.has(kind) && isFunction(inner)) {
      const own = named(inner, source.text, functionNames);
      if (own !== null) add(child, `${prefix}${own}`, source);
    } else if (wrappers.has(kind) && depth < deepest) collect(inner, prefix, depth + 1, source);
  }
}

/** What is exported or decorated. */
function wrapped(node: SyntaxNode): SyntaxNode {
  for (let child = node.lastChild; child !== null; child = child.prevSibling) {
    if (classes.has(child.type.name) || functions.has(child.type.name)) return child;
  }
  return node;
}

/** Of variables only those that hold a function. */
function isFunction(node: SyntaxNode): boolean {
  if (node.type.name !== 'VariableDeclaration') return true;
  return node.getChild('ArrowFunction') !== null || node.getChild('FunctionExpression') !== null;
}

/** The first name in the definition's head. A method of Go or an impl of Rust is named with its type. */
function named(node: SyntaxNode, text: string, names: RegExp): string | null {
  if (node.type.name === 'ImplItem') {
    return (
      /^impl[^{]{0,100}/.exec(text.slice(node.from, node.to))?.[0].replace(/\s+/g, ' ').trim() ??
      null
    );
  }
  const open: SyntaxNode[] = [];
  const push = (parent: SyntaxNode): void => {
    const children: SyntaxNode[] = [];
    for (
      let child = parent.firstChild;
      child !== null && children.length < 50;
      child = child.nextSibling
    ) {
      if (
        !/Body|Block|ParamList|ParameterList|Parameters|Modifiers|Decorator|Attribute|Comment/.test(
          child.type.name,
        )
      ) {
        children.push(child);
      }
    }
    open.push(...children.reverse());
  };
  push(node);
  for (let steps = 0; steps < 200; steps += 1) {
    const next = open.pop();
    if (next === undefined) return null;
    if (names.test(next.type.name)) return text.slice(next.from, next.to).slice(0, longestName);
    push(next);
  }
  return null;
}

function add(node: SyntaxNode, name: string, { starts, units }: Source): void {
  const from = lineOf(starts, node.from);
  const to = lineOf(starts, Math.max(node.from, node.to - 1)) + 1;
  // Two definitions on one line are one unit.
  if (from >= (units.at(-1)?.to ?? 0)) units.push({ from, to, name });
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
