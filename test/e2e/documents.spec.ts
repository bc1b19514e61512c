import { expect, test } from '@playwright/test';
import { plantedFolder } from './support/corpus.ts';
import { launch } from './support/launch.ts';

test('a folder of a pdf, a Word document and a Markdown file answers with a citation that opens the marked page', async () => {
  const { folder, planted } = await plantedFolder();
  const { window, close } = await launch();
  await window.ready();
  await window.addFolder(folder, planted.length);
  await window.rail('Chat').click();
  for (const { file, question, name, sentence, page: pageNumber } of planted) {
    await window.newConversation();
    await window.searchAllDocuments();
    expect(await window.ask(question), question).toContain(name);
    const chip = window.citation();
    await expect(chip).toHaveAccessibleName(new RegExp(file.replace('.', '\\.')));
    await chip.click();
    const evidence = window.evidence();
    await expect(evidence).toContainText(file);
    await expect(evidence.getByRole('paragraph').first()).toContainText(name);
    const mark = window.mark();
    await expect(mark).toBeVisible();
    await expect(mark).toBeInViewport();
    if (pageNumber === null) {
      await expect(mark).toContainText(name);
    } else {
      await expect(
        evidence.getByRole('img', { name: /^Marked on this page/ }),
      ).toHaveAccessibleName(new RegExp(sentence));
      await expect(evidence).toContainText(new RegExp(`Page ${pageNumber}`));
    }
  }
  await close();
});

test('a question that the documents do not answer is said to be so', async () => {
  const { folder, planted } = await plantedFolder();
  const { window, close } = await launch();
  await window.ready();
  await window.addFolder(folder, planted.length);
  await window.rail('Chat').click();
  await window.newConversation();
  await window.searchAllDocuments();
  await window.send('Xylophone quarterly zebra?');
  await window.finished();
  await expect(window.lastAnswer()).toContainText('Not in the documents');
  await close();
});
