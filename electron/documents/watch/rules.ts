import ignore from 'ignore';

/** A person's own rules may lie in files of this name, in any folder of the collection. */
export const rulesFile = '.quarryignore';

/** Left out everywhere: what machines make, what is not finished, what only says that something is open. */
export const usualRules = `.*
!${rulesFile}
*~
~$*
*.tmp
*.temp
*.part
*.partial
*.crdownload
*.download
*.swp
*.lock
*.lck
package-lock.json
pnpm-lock.yaml
Thumbs.db
desktop.ini
node_modules/
bower_components/
__pycache__/
__MACOSX/
venv/
$RECYCLE.BIN/
System Volume Information/
lost+found/
`;

/**
 * What to leave out, on the way down a folder. Paths are relative to the collection's folder, with '/'. The usual
 * rules come first, then those of files from the top down, then the collection's own; the last that speaks decides.
 */
export interface Rules {
  /** The rules within a folder that has a file of rules. */
  within(folder: string, fileText: string): Rules;
  leavesOut(path: string, isFolder: boolean): boolean;
}

/**
 * All of it is one list, so that a folder let in by a later rule lets in what lies in it: rules of a file are written
 * as they would stand in the collection's folder.
 */
export function createRules(own: string): Rules {
  const make = (files: string): Rules => {
    const all = ignore().add(usualRules).add(files).add(own);
    return {
      within: (folder, fileText) =>
        make(files + (folder === '' ? `${fileText}\n` : moved(fileText, folder))),
      leavesOut(path, isFolder) {
        // Names that the syntax cannot speak of ('..' in front, for one) are let in.
        return ignore.isPathValid(path) && all.ignores(isFolder ? `${path}/` : path);
      },
    };
  };
  return make('');
}

const plain = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&');

function moved(text: string, folder: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const not = line.startsWith('!') ? '!' : '';
      // A backslash keeps '#' and '!' from meaning something at the beginning, where they no longer are.
      const body = line.slice(not.length).replace(/^\\(?=[#!])/, '');
      const bound = body.replace(/\/\s*$/, '').includes('/');
      return `${not}/${plain(folder)}/${bound ? body.replace(/^\//, '') : `**/${body}`}\n`;
    })
    .join('');
}

/** The line that leaves out exactly this file. */
export function ruleFor(path: string): string {
  return `/${plain(path).replace(/ $/, '\\ ')}`;
}
