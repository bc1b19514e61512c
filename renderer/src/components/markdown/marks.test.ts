import { describe, expect, it } from 'vitest';
import type { Citation, Claim } from '../../../../electron/ipc/contract/index.ts';
import { placeMarks, withSigns, withoutSigns } from './marks.ts';
import { fragmentOf, htmlOf, lex } from './render.ts';

const citation: Citation = {
  sourceNumber: 1,
  documentId: 'd',
  documentName: 'lease.pdf',
  page: 41,
  heading: null,
  quote: 'q',
  start: 0,
  end: 1,
};

function claim(text: string, sentence: string, supported: boolean): Claim {
  const start = text.indexOf(sentence);
  if (start < 0) throw new Error(`not in the text: ${sentence}`);
  return {
    start,
    end: start + sentence.length,
    state: supported ? 'supported' : 'unsupported',
    citation: supported ? citation : null,
  };
}

/** The rendered answer; marks as [+] and [?]. */
function show(text: string, claims: readonly Claim[]): string {
  const holder = document.createElement('div');
  holder.append(fragmentOf(htmlOf(lex(withSigns(text, claims)))));
  placeMarks(holder, claims, ({ state }) => {
    const mark = document.createElement('i');
    mark.textContent = state === 'supported' ? '+' : '?';
    return mark;
  });
  return holder.innerHTML.trim();
}

describe('claims in rendered markdown', () => {
  it('puts the mark at the end of its sentence', () => {
    const text = 'It ends in March. It began in May.';
    expect(
      show(text, [claim(text, 'It ends in March.', true), claim(text, 'It began in May.', true)]),
    ).toBe('<p>It ends in March.<i>+</i> It began in May.<i>+</i></p>');
  });

  it('leaves emphasis intact on both sides of a mark', () => {
    const text = 'It ends **on 3 March.** Then *nothing.*';
    const claims = [
      claim(text, 'It ends **on 3 March.**', true),
      claim(text, 'Then *nothing.*', false),
    ];
    expect(show(text, claims)).toBe(
      '<p>It ends <strong>on 3 March.</strong><i>+</i> <span class="unsupported">Then </span><em><span class="unsupported">nothing.</span></em><i>?</i></p>',
    );
  });

  it('puts the mark inside when the sentence ends before the stars', () => {
    const text = '**It ends on 3 March.** Yes.';
    expect(show(text, [claim(text, 'It ends on 3 March.', true)])).toBe(
      '<p><strong>It ends on 3 March.<i>+</i></strong> Yes.</p>',
    );
  });

  it('does not disturb what opens a block', () => {
    const text = '# Head\n\n- one thing\n- two things\n\n> said';
    const claims = ['# Head', '- one thing', '- two things', '> said'].map((s) =>
      claim(text, s, false),
    );
    const html = show(text, claims);
    expect(html).toContain('<h3><span class="unsupported">Head</span><i>?</i></h3>');
    expect(html).toContain('<li><span class="unsupported">one thing</span><i>?</i></li>');
    expect(html).toContain('<blockquote>');
    expect(html.match(/\?/g)).toHaveLength(4);
  });

  it('stays out of code, formulas and addresses', () => {
    const text = 'Run:\n\n```sh\nls\n```\n\n$$a+b$$\n\nSee https://a.example/x.';
    const whole: Claim = { start: 0, end: text.indexOf('$$') - 2, state: 'supported', citation };
    const math: Claim = { ...whole, end: text.indexOf('See') - 2 };
    const link = claim(text, 'See https://a.example/x', true);
    const html = show(text, [whole, math, link]);
    expect(html).toContain('<code class="language-sh">ls</code>');
    expect(html).toContain('<div class="math-block">a+b</div>');
    expect(html).toContain('href="https://a.example/x"');
    expect(html).not.toMatch(/[\u2cfa\u2cfb]/);
  });

  it('wraps a sentence that runs over two blocks', () => {
    const text = 'One thing\n\nand another.';
    const claims: Claim[] = [{ start: 0, end: text.length, state: 'unsupported', citation: null }];
    const signed = lex(withSigns(text, claims)).filter(({ type }) => type !== 'space');
    const blocks = signed.map((token) => {
      const holder = document.createElement('div');
      holder.append(fragmentOf(htmlOf([token])));
      placeMarks(holder, claims, () => document.createElement('i'));
      return holder.innerHTML.trim();
    });
    expect(blocks).toEqual([
      '<p><span class="unsupported">One thing</span></p>',
      '<p><span class="unsupported">and another.</span><i></i></p>',
    ]);
  });

  it('lets no answer write a sign itself', () => {
    expect(withSigns('a \u2cfb0\u2cfb b', [])).toBe('a \ufffd0\ufffd b');
    expect(withoutSigns('a\u2cfb12\u2cfb \u2cfa')).toBe('a ');
  });

  it('bears offsets outside the text', () => {
    const claims: Claim[] = [
      { start: -5, end: 900, state: 'unsupported', citation: null },
      { start: 3, end: 1, state: 'supported', citation },
    ];
    expect(show('Short.', claims)).toBe('<p><span class="unsupported">Short.</span><i>?</i></p>');
  });
});
