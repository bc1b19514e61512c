import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { launch } from './support/launch.ts';

test('memory is told at a glance, predicted with sliders, compared, and saved as figures and picture', async () => {
  const { app, page, window, close } = await launch();
  await window.ready();
  await window.rail('Memory').click();
  await expect(page.getByText(/^No model uses memory · .+ of your .+ free$/)).toBeVisible();

  await page.getByRole('button', { name: 'Load Miniature (demo)' }).click();
  await expect(page.getByText(/^Miniature \(demo\) uses .+ of your .+ · .+ free$/)).toBeVisible({
    timeout: 30_000,
  });
  const parts = page.getByRole('table', { name: /^Parts of the memory of Miniature/ });
  for (const part of ['Weights', 'Remembered text', 'Fixed state', 'The engine itself', 'Total']) {
    await expect(
      parts.getByRole('row', { name: new RegExp(`^${part} [\\d.]+ [kM]B`) }),
    ).toBeVisible();
  }

  const whatIf = page.getByRole('region', { name: 'What if', exact: true });
  const answer = whatIf.getByText(/ would take /);
  const before = await answer.innerText();
  const difference = whatIf.getByText(/ takes \d+% (less|more) than /);
  await expect(difference).toBeVisible();
  const short = await difference.innerText();
  const length = whatIf.getByRole('slider', { name: 'Length of text' });
  await length.press('End');
  await expect(answer).not.toHaveText(before);
  await expect(length).toHaveAttribute('aria-valuetext', '131,072 tokens');
  await expect(difference).not.toHaveText(short);
  await expect(whatIf.getByText(/^True at [\d,]+ tokens each/).first()).toBeVisible();
  await expect(
    page.getByRole('table', { name: /^Set-ups of Granite 4.0 H-Small$/ }).getByRole('row'),
  ).not.toHaveCount(0);

  const point = page.getByRole('slider', { name: 'Moment in the chart' });
  await point.press('ArrowLeft');
  await expect(point).toHaveAttribute('aria-valuetext', /: [\d.]+ MB together/);

  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-save-'));
  const saveAs = async (name: string, button: string): Promise<Buffer> => {
    const target = path.join(folder, name);
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, target);
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByText(`Saved as ${name}.`)).toBeVisible();
    return readFileSync(target);
  };
  const [head, first] = (await saveAs('figures.csv', 'Save figures (CSV)'))
    .toString()
    .split('\r\n');
  expect(head?.split(',')).toEqual(
    expect.arrayContaining(['time', 'model', 'resident_bytes', 'kv_bytes', 'recurrent_bytes']),
  );
  expect(first?.split(',')[1]).toBe('Miniature (demo)');
  const picture = await saveAs('chart.png', 'Save picture (PNG)');
  // Width and height stand at byte 16 of every PNG.
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect(picture.readUInt32BE(16)).toBeGreaterThan(600);
  await close();
});
