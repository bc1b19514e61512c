import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** @typedef {{ file: string, line: number, target: string, why: string }} DeadLink */

/**
 * Links in Markdown files that lead nowhere: to a file that is not there, or to a heading that no
 * Markdown file has. Addresses on the web are not asked.
 * @param {string} root of a git checkout @returns {DeadLink[]}
 */
export function deadLinks(root) {
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
    { cwd: root, encoding: 'utf8' },
  )
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(root, file)));
  return files.flatMap((file) => deadLinksOf(root, file));
}

/** @param {string} root @param {string} file @returns {DeadLink[]} */
function deadLinksOf(root, file) {
  /** @type {DeadLink[]} */
  const dead = [];
  for (const { line, target } of linksOf(readFileSync(join(root, file), 'utf8'))) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const wanted = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)));
    if (!existsSync(join(root, wanted))) {
      dead.push({ file, line, target, why: 'no such file' });
    } else if (anchor && wanted.endsWith('.md') && statSync(join(root, wanted)).isFile()) {
      if (!anchorsOf(readFileSync(join(root, wanted), 'utf8')).has(anchor)) {
        dead.push({ file, line, target, why: 'no such heading' });
      }
    }
  }
  return dead;
}

/** @param {string} text */
function* linesOutsideCode(text) {
  let fence = '';
  for (const [index, line] of text.split('\n').entries()) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === '' || mark.startsWith(fence))) {
      fence = fence === '' ? mark : '';
    } else if (fence === '') {
      yield { number: index + 1, line };
    }
  }
}

/** @param {string} text */
function* linksOf(text) {
  for (const { number, line } of linesOutsideCode(text)) {
    const plain = line.replaceAll(/`[^`]*`/g, '');
    for (const match of plain.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)) {
      yield { line: number, target: match[1] ?? '' };
    }
    const definition = /^\s*\[[^\]]+\]:\s*<?([^\s>]+)/.exec(plain);
    if (definition !== null) yield { line: number, target: definition[1] ?? '' };
  }
}

/** Anchors as GitHub makes them from headings. @param {string} text */
function anchorsOf(text) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  /** @type {Set<string>} */
  const anchors = new Set();
  for (const { line } of linesOutsideCode(text)) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    anchors.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return anchors;
}
