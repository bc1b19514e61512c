import { hostileDocuments } from '../support/hostile-documents.ts';
import { openHostileReading } from '../support/hostile-reading.ts';

/** `npm run bench hostile`: every hostile file in the real parser thread, also those that take long. */
export async function run(): Promise<boolean> {
  const reading = await openHostileReading();
  let wrong = 0;
  try {
    for (const document of hostileDocuments) {
      const started = performance.now();
      const tried = await reading.tryOne(document);
      const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
      console.log(`  ${seconds} s  ${document.format}, ${document.name}: ${tried.ended}`);
      if (tried.wrong === undefined) continue;
      wrong += 1;
      console.log(`  WRONG    ${tried.wrong}`);
    }
  } finally {
    await reading.close();
  }
  console.log(`${hostileDocuments.length} files, ${wrong} ended wrongly`);
  return wrong === 0;
}
