import { describe, expect, it } from 'vitest';
import { ScrollIntent } from './scroll-intent.ts';

function bench() {
  let top = 0;
  const box = {
    scrollHeight: 1000,
    clientHeight: 400,
    get scrollTop() {
      return top;
    },
    set scrollTop(next: number) {
      top = Math.max(0, Math.min(next, this.scrollHeight - this.clientHeight));
    },
  };
  const intent = new ScrollIntent();
  intent.attach(box);
  const scrollTo = (y: number) => {
    box.scrollTop = y;
    intent.scrolled();
  };
  return { box, intent, scrollTo };
}

describe('ScrollIntent', () => {
  it('follows growing text while the reader is at the end', () => {
    const { box, intent } = bench();
    intent.switched();
    box.scrollHeight = 1500;
    intent.grew();
    expect(box.scrollTop).toBe(1100);
  });

  it('stays where the reader went', () => {
    const { box, intent, scrollTo } = bench();
    intent.switched();
    scrollTo(300);
    box.scrollHeight = 1500;
    intent.grew();
    expect(box.scrollTop).toBe(300);
    expect(intent.following).toBe(false);
  });

  it('follows again once the reader comes back to the end', () => {
    const { box, intent, scrollTo } = bench();
    intent.switched();
    scrollTo(100);
    scrollTo(590);
    box.scrollHeight = 1200;
    intent.grew();
    expect(box.scrollTop).toBe(800);
  });

  it('is not stopped by growth that arrives before our own scroll', () => {
    const { box, intent } = bench();
    intent.switched();
    box.scrollHeight = 2000;
    intent.scrolled();
    intent.grew();
    expect(box.scrollTop).toBe(1600);
  });

  it('goes to the end when the reader sends, from anywhere', () => {
    const { box, intent, scrollTo } = bench();
    scrollTo(500);
    scrollTo(0);
    intent.sent();
    expect(box.scrollTop).toBe(600);
    expect(intent.following).toBe(true);
  });

  it('stays at a search hit', () => {
    const { box, intent } = bench();
    intent.switched();
    intent.jumped();
    box.scrollTop = 200;
    box.scrollHeight = 3000;
    intent.grew();
    expect(box.scrollTop).toBe(200);
  });
});
