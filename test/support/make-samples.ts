import { writeFileSync } from 'node:fs';
import { linesAt, makeDocx, makePdf } from './make-documents.ts';
import type { PdfLine } from './make-documents.ts';

/**
 * Makes the two binary sample documents: `node test/support/make-samples.ts`. The result is committed;
 * the wording follows the miniature's training text (test/miniature/train/facts.py), so that it can
 * answer questions about it.
 */

const folder = new URL('../../resources/samples/', import.meta.url);
const invented = 'All of it is invented: these pages exist to try Quarry with.';

const page = (
  title: string,
  sections: readonly (readonly [string, readonly string[]])[],
): PdfLine[] => {
  const lines: PdfLine[] = [{ text: title, x: 72, y: 80, size: 20 }];
  let y = 130;
  for (const [heading, sentences] of sections) {
    lines.push({ text: heading, x: 72, y, size: 14 });
    const body = linesAt([sentences], { y: y + 24, size: 11 });
    lines.push(...body);
    y = (body.at(-1)?.y ?? y) + 48;
  }
  return lines;
};

const lease = await makePdf([
  {
    lines: page('The lease with Harrow', [
      ['About this contract', [`The lease with Harrow is about a workshop in Norhaven.`, invented]],
      [
        'The lease with Harrow',
        [
          'The lease with Harrow takes effect on 1 April 2026. The lease with Harrow ends on',
          '31 March 2031. The notice period under the lease with Harrow is three months. The lease',
          'with Harrow was signed by Irene Walden.',
        ],
      ],
    ]),
  },
  {
    lines: page('Penalties and limits', [
      [
        'The repair policy',
        [
          'The limit under the repair policy is 750 euros. The penalty under the repair policy is',
          '120 euros. The repair policy was approved by Martin Sole. The repair policy takes effect',
          'on 1 May 2026.',
        ],
      ],
      [
        'The visitor policy',
        [
          'The visitor policy was approved by Karin Holt. The visitor policy expires on',
          '30 September 2028. The penalty under the visitor policy is 45 euros.',
        ],
      ],
    ]),
  },
]);
writeFileSync(new URL('lease.pdf', folder), lease);

const handbook = await makeDocx([
  { heading: 'Workshop handbook', level: 1 },
  { text: `What to know about the machines. ${invented}` },
  { heading: 'The coffee machine', level: 2 },
  {
    text: 'The coffee machine must be cleaned every two weeks. The tank of the coffee machine holds 3 litres. The coffee machine stands in the kitchen. The error code of the coffee machine is E41.',
  },
  { heading: 'The Orlan press', level: 2 },
  {
    text: 'The Orlan press runs at 180 degrees Celsius. The Orlan press needs cleaning every six days. The part number of the Orlan press is 7731-K. The Orlan press is made by Almen Works.',
  },
  { heading: 'The Tulso drill', level: 2 },
  {
    text: 'The Tulso drill weighs 2.4 kilograms. The battery of the Tulso drill lasts five hours. The Tulso drill costs 139 euros. The warranty of the Tulso drill lasts three years.',
  },
]);
writeFileSync(new URL('handbook.docx', folder), handbook);
