/** Groups whose text is no text of the document: tables of fonts and styles, pictures, data, field codes. */
export const silentGroups = new Set(
  (
    'fonttbl colortbl stylesheet listtable listoverridetable rsidtbl generator info pict object objdata themedata ' +
    'colorschememapping latentstyles datastore xmlnstbl mmathPr fldinst bkmkstart bkmkend header headerl headerr ' +
    'headerf footer footerl footerr footerf revtbl filetbl pgptbl nonshppict shpinst background userprops ' +
    'wgrffmtfilter pnseclvl pntext listtext annotation atnid atnauthor atnref atndate atnparent'
  ).split(' '),
);

/** Control words that stand for characters. */
export const characterWords: Readonly<Record<string, string>> = {
  par: '\n\n',
  sect: '\n\n',
  page: '\n\n',
  line: '\n',
  tab: '\t',
  emdash: '—',
  endash: '–',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  emspace: ' ',
  enspace: ' ',
  qmspace: ' ',
};

/** Encodings by `\ansicpg` and by the code page of a font's `\fcharset`. */
export function encodingOfPage(page: number): string {
  const known: Readonly<Record<number, string>> = {
    437: 'windows-1252',
    850: 'windows-1252',
    866: 'ibm866',
    874: 'windows-874',
    932: 'shift_jis',
    936: 'gbk',
    949: 'euc-kr',
    950: 'big5',
    10000: 'macintosh',
    65001: 'utf-8',
  };
  if (known[page] !== undefined) return known[page];
  return page >= 1250 && page <= 1258 ? `windows-${page}` : 'windows-1252';
}

const pageOfCharset: Readonly<Record<number, number>> = {
  77: 10000,
  128: 932,
  129: 949,
  134: 936,
  136: 950,
  161: 1253,
  162: 1254,
  163: 1258,
  177: 1255,
  178: 1256,
  186: 1257,
  204: 1251,
  222: 874,
  238: 1250,
};

/** Null where the font has no encoding of its own. */
export const encodingOfCharset = (charset: number): string | null =>
  pageOfCharset[charset] === undefined ? null : encodingOfPage(pageOfCharset[charset]);
