import { expect, test } from '@playwright/test';
import { plantedFolder } from './support/corpus.ts';
import { launch } from './support/launch.ts';

test('a folder of a pdf, a Word document and a Markdown file answers with a citation that opens the marked page', async () => {
  const { folder, planted } = await plantedFolder();
  const { page, window, close } = await launch();
  await window.ready();
  await window.addFolder(folder, planted.length);
  await window.rail('Chat').click();
  for (const { file, question, name, sentence, page: pageNumber } of planted) {
    await window.newConversation();
    await window.searchAllDocuments();
    expect(await window.ask(question), question).toContain(name);
    const chip = window
      .lastAnswer()
      .getByRole('button', { name: /^Citation 1/ })
      .first();
    await expect(chip).toHaveAccessibleName(new RegExp(file.replace('.', '\\.')));
    await chip.click();
    const evidence = page.getByRole('complementary', { name: 'Evidence' });
    await expect(evidence).toContainText(file);
    await expect(evidence.getByTestId('quote')).toContainText(name);
    const mark = evidence.getByTestId('mark').first();
    await expect(mark).toBeVisible();
    await expect(mark).toBeInViewport();
    if (pageNumber === null) {
      await expect(mark).toContainText(name);
    } else {
      await expect(mark).toHaveAccessibleName(new RegExp(sentence.slice(0, 20)));
      await expect(evidence).toContainText(new RegExp(`${pageNumber} of 3`));
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
  await expect(window.lastAnswer()).toContainText(/documents do not contain/i);
  await close();
});
