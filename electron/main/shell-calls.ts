import { homedir } from 'node:os';
import type { BrowserWindow, OpenDialogOptions, SaveDialogOptions } from 'electron';
import { dialog, shell } from 'electron';
import { documentExtensions } from '../ipc/contract/index.ts';
import type { FolderPurpose } from '../ipc/contract/index.ts';
import type { CallHandlers } from '../ipc/shape.ts';
import type { ShellContract } from '../ipc/validators.ts';
import type { CoreProcess } from './core-process.ts';
import type { Grants } from './grants.ts';
import type { TokenStore } from './token-store.ts';
import { usualModelFolders } from './model-folders.ts';
import { contentOf, saveFile } from './saved-file.ts';
import { words } from './words.ts';

const folderWords: Readonly<Record<FolderPurpose, { title: string; buttonLabel: string }>> = {
  documents: { title: words.addFolder, buttonLabel: words.addFolderButton },
  models: { title: words.modelFolder, buttonLabel: words.modelFolderButton },
  moved: { title: words.movedFolder, buttonLabel: words.movedFolderButton },
};

/** What MAIN answers itself: pickers, links outside, the state of CORE. */
export function shellCalls(ports: {
  readonly window: () => BrowserWindow | undefined;
  readonly grants: Grants;
  readonly core: CoreProcess;
  readonly token: TokenStore;
  /** Gives CORE the token as it is now. */
  readonly handToken: () => Promise<void>;
}): CallHandlers<ShellContract> {
  const pick = async (options: OpenDialogOptions): Promise<readonly string[]> => {
    const window = ports.window();
    const { canceled, filePaths } =
      window === undefined
        ? await dialog.showOpenDialog(options)
        : await dialog.showOpenDialog(window, options);
    return canceled ? [] : ports.grants.grant(filePaths);
  };

  return {
    'shell.pickDocuments': () =>
      pick({
        title: words.addDocuments,
        properties: ['openFile', 'multiSelections'],
        filters: [
          { name: words.documents, extensions: Object.values(documentExtensions).flat() },
          { name: words.allFiles, extensions: ['*'] },
        ],
      }),
    'shell.pickFolder': ({ purpose }) => {
      const { title, buttonLabel } = folderWords[purpose];
      // macOS shows no title in these dialogs, but the message.
      return pick({ title, message: title, buttonLabel, properties: ['openDirectory'] });
    },
    'shell.pickLibrary': () =>
      pick({ title: words.moveLibrary, properties: ['openDirectory', 'createDirectory'] }),
    'shell.pickModel': () =>
      pick({
        title: words.addModel,
        properties: ['openFile'],
        filters: [
          { name: words.modelFiles, extensions: ['gguf'] },
          { name: words.allFiles, extensions: ['*'] },
        ],
      }),
    'shell.pickSignature': () =>
      pick({
        title: words.checkSignature,
        properties: ['openFile'],
        filters: [
          { name: words.signatureFiles, extensions: ['sig', 'json', 'sigstore'] },
          { name: words.allFiles, extensions: ['*'] },
        ],
      }),
    'shell.pickAuthority': () =>
      pick({
        title: words.addAuthority,
        properties: ['openFile'],
        filters: [
          { name: words.certificateFiles, extensions: ['pem', 'crt', 'cer'] },
          { name: words.allFiles, extensions: ['*'] },
        ],
      }),
    'shell.tokenStatus': () => ports.token.status(),
    'shell.setToken': async ({ token, allowFile }) => {
      const kept = ports.token.set(token, allowFile ?? false);
      // CORE gets it at its next start where it is not running.
      await ports.handToken().catch(() => {});
      return kept;
    },
    'shell.removeToken': async () => {
      const kept = ports.token.remove();
      await ports.handToken().catch(() => {});
      return kept;
    },
    'shell.usualModelFolders': async () =>
      ports.grants.grant(await usualModelFolders(homedir(), process.env)),
    'shell.saveFile': async (file) => {
      const options: SaveDialogOptions = {
        title: words.saveFile,
        defaultPath: file.name,
        filters: [
          { name: file.kind === 'csv' ? words.tables : words.pictures, extensions: [file.kind] },
        ],
        properties: ['showOverwriteConfirmation'],
      };
      const bytes = contentOf(file);
      const window = ports.window();
      const { canceled, filePath } =
        window === undefined
          ? await dialog.showSaveDialog(options)
          : await dialog.showSaveDialog(window, options);
      return canceled || filePath === '' ? null : { name: await saveFile(filePath, bytes) };
    },
    'shell.openExternal': async ({ url }) => {
      await shell.openExternal(url);
      return null;
    },
    'shell.showDocument': async ({ documentId }) => {
      // The window names a document, never a path: only CORE says where it lies.
      const { path } = await ports.core.client.call('private.documentPlace', { documentId });
      shell.showItemInFolder(path);
      return null;
    },
    'shell.coreStatus': () => ports.core.status,
    'shell.restartCore': () => {
      ports.core.restart();
      return null;
    },
  };
}
