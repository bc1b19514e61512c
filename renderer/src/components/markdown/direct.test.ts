import { describe, expect, it } from 'vitest';
import { directNodes } from './direct.ts';
import { patch } from './patch.ts';
import { fragmentOf, htmlOf, lex } from './render.ts';

const texts = [
  'Plain words.',
  'Two lines\nof one paragraph,  with spaces and a "quote" > that.',
  'Some **bold**, *slanted*, ***both***, ~~gone~~ and `code <b> & "more"` here.',
  'Open **bold that is not',
  'An `open code',
  '# Title\n\nWords\n\n## `Second` *part*\n\n###### Deep',
  '- one\n- two **bold**\n- three `code`',
  '1. one\n2. two',
  '3. three\n4. four',
  '- one\n\n- loose',
  '- one\n  - nested',
  '- [ ] task\n- [x] done',
  '-\n- after nothing',
  '- one\n\n  second paragraph',
  '- # heading within',
  'Entities &amp; &lt;b&gt; &copy; & alone',
  'a < b and <b>tag</b> <br> <script>x</script>',
  'Escaped \\* star \\_ and \\<b\\>',
  'A [link](https://ok.example) and https://bare.example and a@b.example',
  '![x](https://evil.example/x.png)',
  'Money $5 and math $x^2$ and \\(y\\)',
  '| a | b |\n|---|---|\n| 1 | `2` |',
  '> quoted',
  '***',
  'Line with two spaces  \nnext\\\nlast',
  'nul \0 and return \r alone \r\n done',
  'Umlaute äöü, 漢字, emoji 👩‍💻, \u00a0 no-break, \u2028 separator',
  '**nested *and `code` in* it** end',
  'trailing space ',
  '    indented code',
  'setext\n===',
  '`` a ` b ``',
  '\u2cfa0\u2cfa signs \u2cfb0\u2cfb `in \u2cfa1\u2cfa code`',
];

/** Every second beginning of a text, and the whole. */
function beginnings(text: string): string[] {
  const ends = Array.from({ length: Math.floor(text.length / 2) }, (_, index) => 2 * index + 1);
  return [...ends, text.length].map((end) => text.slice(0, end));
}

/** What a block is as a page takes it: HTML alone would hide how texts are split. */
function shape(node: Node): unknown {
  if (node instanceof Text) return node.data;
  const name = node instanceof Element ? (node.cloneNode(false) as Element).outerHTML : '';
  return [name, ...[...node.childNodes].map(shape)];
}

describe('directNodes', () => {
  it('makes the same nodes as the way through HTML, for beginnings of every text', () => {
    let direct = 0;
    for (const text of texts) {
      for (const part of beginnings(text)) {
        for (const token of lex(part)) {
          const made = directNodes(token);
          if (made === null) continue;
          direct += 1;
          expect(shape(made), JSON.stringify(part)).toEqual(shape(fragmentOf(htmlOf([token]))));
        }
      }
    }
    expect(direct).toBeGreaterThan(150);
  });

  it('leaves everything to the cleaner that is more than words', () => {
    for (const text of [
      'a <b>tag</b>',
      '[link](https://ok.example)',
      '![x](https://evil.example/x.png)',
      '&lt;script&gt;',
      '| a |\n|---|\n| 1 |',
      '$x^2$',
      '> quoted',
    ]) {
      expect(lex(text).map(directNodes), text).toEqual([null]);
    }
  });
});

describe('patch', () => {
  it('ends at the same nodes for every step from one text to the next', () => {
    const target = document.createElement('div');
    for (const text of texts) {
      for (const part of beginnings(text).filter((_, index) => index % 2 === 0)) {
        const nodes = fragmentOf(htmlOf(lex(part)));
        const wanted = document.createElement('div');
        wanted.append(nodes.cloneNode(true));
        patch(target, nodes);
        expect(shape(target), JSON.stringify(part)).toEqual(shape(wanted));
      }
    }
  });

  it('keeps the node of a text that grows', () => {
    const target = document.createElement('div');
    const put = (text: string): void => {
      const [token] = lex(text);
      const nodes = token && directNodes(token);
      if (!nodes) throw new Error(text);
      patch(target, nodes);
    };
    put('Some **bold** wor');
    const [paragraph] = target.children;
    const tail = paragraph?.lastChild;
    put('Some **bold** words more');
    expect(target.firstChild).toBe(paragraph);
    expect(paragraph?.lastChild).toBe(tail);
    expect(paragraph?.textContent).toBe('Some bold words more');
  });
});
