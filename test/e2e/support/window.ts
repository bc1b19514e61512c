import { expect, type ElectronApplication, type Locator, type Page } from '@playwright/test';

/** The window as a person uses it: names and roles, never class names. */
export class Window {
  readonly app: ElectronApplication;
  readonly page: Page;

  constructor(app: ElectronApplication, page: Page) {
    this.app = app;
    this.page = page;
  }

  /** Leaves the first-start page if it is there, and waits for the chat. */
  async ready(): Promise<void> {
    const skip = this.page.getByRole('button', { name: 'Skip' });
    await expect(skip.or(this.composer()).first()).toBeVisible({ timeout: 60_000 });
    if (await skip.isVisible()) await skip.click();
    await expect(this.composer()).toBeVisible();
  }

  rail(name: 'Chat' | 'Library' | 'Models' | 'Memory' | 'Settings'): Locator {
    return this.page.getByRole('navigation').getByRole('link', { name, exact: true });
  }

  composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  private messages(writer: 'Quarry' | 'You'): Locator {
    return this.page
      .getByRole('region', { name: 'Messages' })
      .getByRole('article')
      .filter({ has: this.page.getByRole('heading', { name: writer, exact: true }) });
  }

  answers(): Locator {
    return this.messages('Quarry');
  }

  questions(): Locator {
    return this.messages('You');
  }

  lastAnswer(): Locator {
    return this.answers().last();
  }

  /** The text of the last answer alone: citation chips and marks are buttons and left out. */
  answerBody(): Locator {
    return this.lastAnswer().locator('.markdown');
  }

  /** The quiet line below the last answer: support, speed, tokens, model. */
  async answerLine(): Promise<string> {
    const parts = await this.lastAnswer().locator('.line > *').allInnerTexts();
    return parts.map((part) => part.trim()).join(' · ');
  }

  citation(number = 1): Locator {
    return this.lastAnswer()
      .getByRole('button', { name: new RegExp(`^Citation ${number}:`) })
      .first();
  }

  /** Every citation of the last answer, in reading order. */
  citations(): Locator {
    return this.lastAnswer().getByRole('button', { name: /^Citation \d+:/ });
  }

  evidence(): Locator {
    return this.page.getByRole('complementary', { name: 'Evidence' });
  }

  /** The marked place, on a page image or in a text. */
  mark(): Locator {
    return this.evidence().locator('.marks > *, mark').first();
  }

  async send(text: string): Promise<void> {
    await this.composer().fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /** Sends and waits until the answer is finished. Returns its text. */
  async ask(text: string): Promise<string> {
    const before = await this.answers().count();
    await this.send(text);
    await expect(this.answers()).toHaveCount(before + 1, { timeout: 60_000 });
    await this.finished();
    return this.answerText();
  }

  async finished(): Promise<void> {
    await expect(this.page.getByRole('button', { name: 'Stop', exact: true })).toHaveCount(0, {
      timeout: 120_000,
    });
    await expect(this.page.getByRole('button', { name: 'Send', exact: true })).toBeVisible();
  }

  async answerText(): Promise<string> {
    const text = await this.answerBody().evaluate((element) => {
      const copy = element.cloneNode(true) as Element;
      copy.querySelectorAll('button').forEach((button) => button.remove());
      return copy.textContent ?? '';
    });
    return text.replaceAll(/\s+/g, ' ').trim();
  }

  /** The next file dialog gives these paths, as if a person had chosen them. */
  async nextDialog(paths: readonly string[]): Promise<void> {
    await this.app.evaluate(
      ({ dialog }, filePaths) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths });
      },
      [...paths],
    );
  }

  /** Files come from outside and fall on the conversation, as the system tells the window. */
  async dropOnConversation(files: readonly string[]): Promise<void> {
    const box = await this.page.locator('[data-drop]').boundingBox();
    if (box === null) throw new Error('no conversation to drop on');
    const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const data = { items: [], files: [...files], dragOperationsMask: 1 };
    const session = await this.page.context().newCDPSession(this.page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, ...place, data });
    }
    await session.detach();
  }

  /** Adds a folder through the library and waits until it has been read. */
  async addFolder(folder: string, documents: number): Promise<void> {
    await this.rail('Library').click();
    await this.nextDialog([folder]);
    await this.page.getByRole('button', { name: 'Add folder' }).first().click();
    // A document's name becomes a button once it has been read.
    await expect(
      this.page
        .getByRole('rowheader')
        .getByRole('button')
        .filter({ hasText: /\.\w+$/ }),
    ).toHaveCount(documents, { timeout: 60_000 });
  }

  async newConversation(): Promise<void> {
    await this.page.getByRole('button', { name: 'New conversation' }).first().click();
    await expect(this.answers()).toHaveCount(0);
  }

  /** Lets the open conversation look into every document. */
  async searchAllDocuments(): Promise<void> {
    await this.page
      .getByRole('button', { name: /^Documents:/ })
      .first()
      .click();
    await this.page.getByRole('menuitemcheckbox', { name: 'All documents' }).click();
  }

  conversations(): Locator {
    return this.page.getByRole('navigation', { name: 'Conversations' }).getByRole('listitem');
  }

  async openFirstConversation(): Promise<void> {
    await this.conversations().first().getByRole('button').first().click();
    await expect(this.answers().first()).toBeVisible();
  }

  async conversationMenu(entry: string): Promise<void> {
    const row = this.conversations().first();
    await row.hover();
    await row.getByRole('button', { name: /^Actions/ }).click();
    await this.page.getByRole('menuitem', { name: entry }).click();
  }

  /** Edits the user's nth message (from 0) and sends it again. */
  async editMessage(index: number, text: string): Promise<void> {
    const question = this.questions().nth(index);
    await question.hover();
    await question.getByRole('button', { name: 'Edit' }).click();
    await this.send(text);
  }
}
