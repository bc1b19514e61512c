import ignore from 'ignore';
import type { Ignore } from 'ignore';

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

interface Layer {
  /** '' or ending with '/'. */
  readonly base: string;
  readonly rules: Ignore;
}

const layer = (base: string, text: string): Layer => ({ base, rules: ignore().add(text) });

export function createRules(own: string): Rules {
  const make = (above: readonly Layer[], last: Layer): Rules => ({
    within: (folder, fileText) =>
      make([...above, layer(folder === '' ? '' : `${folder}/`, fileText)], last),
    leavesOut(path, isFolder) {
      let out = false;
      for (const { base, rules } of [...above, last]) {
        const below = path.slice(base.length);
        // Names that the syntax cannot speak of ('..' in front, for one) are left to the other rules.
        if (!path.startsWith(base) || !ignore.isPathValid(below)) continue;
        const said = rules.test(isFolder ? `${below}/` : below);
        if (said.ignored) out = true;
        else if (said.unignored) out = false;
      }
      return out;
    },
  });
  return make([layer('', usualRules)], layer('', own));
}

/** The line that leaves out exactly this file. */
export function ruleFor(path: string): string {
  const plain = path.replace(/[\\*?[\]]/g, '\\$&').replace(/ $/, '\\ ');
  return `/${plain}`;
}
