import type { HighlighterCore, LanguageInput } from 'shiki/core';

/** Grammars that are bundled; each is a file of its own, read when first needed. */
const grammars: Readonly<Record<string, () => Promise<{ default: LanguageInput }>>> = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  ini: () => import('shiki/langs/ini.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  lua: () => import('shiki/langs/lua.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  powershell: () => import('shiki/langs/powershell.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  r: () => import('shiki/langs/r.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  svelte: () => import('shiki/langs/svelte.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  xml: () => import('shiki/langs/xml.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
};

const aliases: Readonly<Record<string, string>> = {
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  console: 'bash',
  'c++': 'cpp',
  cs: 'csharp',
  'c#': 'csharp',
  dockerfile: 'docker',
  golang: 'go',
  js: 'javascript',
  jsx: 'tsx',
  mjs: 'javascript',
  kt: 'kotlin',
  md: 'markdown',
  ps1: 'powershell',
  py: 'python',
  python3: 'python',
  rb: 'ruby',
  rs: 'rust',
  postgres: 'sql',
  sqlite: 'sql',
  ts: 'typescript',
  yml: 'yaml',
};

export interface Span {
  readonly text: string;
  /** Part of speech, e.g. 'token-keyword'; '' for plain text. */
  readonly kind: string;
}

/** Longer code stays plain: colouring it would hold up the window. */
const mostCharacters = 60_000;

let highlighter: Promise<HighlighterCore> | null = null;

function load(): Promise<HighlighterCore> {
  highlighter ??= (async () => {
    const [{ createHighlighterCore, createCssVariablesTheme }, { createJavaScriptRegexEngine }] =
      await Promise.all([import('shiki/core'), import('shiki/engine/javascript')]);
    return createHighlighterCore({
      themes: [createCssVariablesTheme({ name: 'quarry', variablePrefix: '--code-' })],
      langs: [],
      // JavaScript's own expressions: the content policy then needs no exception for WebAssembly.
      engine: createJavaScriptRegexEngine({ forgiving: true }),
    });
  })();
  return highlighter;
}

/** The bundled language a label means, or null. */
export function languageOf(label: string): string | null {
  const name = label.toLowerCase();
  const language = aliases[name] ?? name;
  return language in grammars ? language : null;
}

/** Lines of coloured spans, or null where the language is unknown or the code too long. */
export async function highlight(code: string, label: string): Promise<Span[][] | null> {
  const language = languageOf(label);
  if (!language || code.length > mostCharacters) return null;
  const core = await load();
  if (!core.getLoadedLanguages().includes(language)) {
    const grammar = await grammars[language]?.();
    if (!grammar) return null;
    await core.loadLanguage(grammar.default);
  }
  const lines = core.codeToTokensBase(code, { lang: language, theme: 'quarry' });
  return lines.map((line) =>
    line.map(({ content, color }) => ({
      text: content,
      kind: /^var\(--code-(token-[a-z-]+)\)$/.exec(color ?? '')?.[1] ?? '',
    })),
  );
}
