/**
 * `npm start` where there is no display: the same app under a virtual display shows what it does.
 * Imports the sample documents, asks three questions of the miniature, prints the transcript with
 * citations and speeds, leaves a picture of every view in out/demo/. Exit status 0 only if every
 * answer holds the fact asked for and cites the document that holds it.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { launch, root } from './support/launch.ts';

interface Question {
  readonly question: string;
  readonly expects: string;
  readonly document: string;
}

const samples = path.join(root, 'resources/samples');
const pictures = path.join(root, 'out/demo');
const questions = (
  JSON.parse(readFileSync(path.join(root, 'resources/sample-questions.json'), 'utf8')) as Question[]
).slice(0, 3);

const sampleCount = readdirSync(samples).length;

rmSync(pictures, { recursive: true, force: true });
mkdirSync(pictures, { recursive: true });

const { page, window, close } = await launch({
  unpackaged: true,
  size: { width: 1280, height: 800 },
});
const picture = async (name: string): Promise<void> => {
  await page.waitForTimeout(400);
  await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: 'disabled' });
};

let wrong = 0;
try {
  await page.getByRole('button', { name: 'Skip' }).waitFor();
  await picture('1-welcome');
  await window.ready();
  await window.addFolder(samples, sampleCount);
  await picture('2-library');
  await window.rail('Chat').click();
  for (const [index, { question, expects, document }] of questions.entries()) {
    await window.newConversation();
    await window.searchAllDocuments();
    const answer = await window.ask(question);
    const chips = window.citation();
    const cited = (await chips.count()) > 0 ? await chips.getAttribute('aria-label') : null;
    const line = await window.answerLine();
    const good = answer.includes(expects) && (cited ?? '').includes(document);
    if (!good) wrong += 1;
    console.log(`\nyou     ${question}\nquarry  ${answer}`);
    console.log(`        ${cited ?? 'no citation'}`);
    console.log(`        ${line.replaceAll(/\s+/g, ' ')}`);
    if (!good) console.log(`        WRONG: expected "${expects}" from ${document}`);
    if (cited !== null) {
      await chips.click();
      await window.mark().waitFor();
    }
    await picture(`3-chat-${index + 1}`);
  }
  for (const view of ['Models', 'Memory', 'Settings'] as const) {
    await window.rail(view).click();
    await picture(`4-${view.toLowerCase()}`);
  }
} finally {
  await close();
}
console.log(
  `\n${questions.length - wrong} of ${questions.length} answers hold the fact asked for and cite its document. ` +
    `Pictures: ${path.relative(root, pictures)}/`,
);
process.exit(wrong === 0 ? 0 : 1);
