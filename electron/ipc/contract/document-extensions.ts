import type { DocumentFormat } from './documents.ts';

/** Endings of file names, without the dot, the usual one first: for file dialogs, drops and folders alike. */
export const documentExtensions: Readonly<Record<DocumentFormat, readonly string[]>> = {
  txt: ['txt', 'text', 'log'],
  md: ['md', 'markdown'],
  rst: ['rst', 'rest'],
  html: ['html', 'htm', 'xhtml'],
  pdf: ['pdf'],
  docx: ['docx', 'docm'],
  pptx: ['pptx', 'pptm', 'ppsx'],
  xlsx: ['xlsx', 'xlsm'],
  csv: ['csv'],
  tsv: ['tsv', 'tab'],
  odt: ['odt', 'ott'],
  ods: ['ods', 'ots'],
  odp: ['odp', 'otp'],
  epub: ['epub'],
  rtf: ['rtf'],
  eml: ['eml'],
  mbox: ['mbox', 'mbx'],
  // prettier-ignore
  code: [
    'js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx', 'py', 'pyi', 'java', 'kt', 'kts', 'scala', 'groovy',
    'c', 'h', 'cc', 'cpp', 'cxx', 'hh', 'hpp', 'hxx', 'ino', 'm', 'mm', 'cs', 'vb', 'fs', 'go', 'rs', 'swift', 'dart',
    'php', 'rb', 'pl', 'pm', 'lua', 'r', 'jl', 'hs', 'ml', 'clj', 'ex', 'exs', 'erl', 'f90', 'pas', 'zig', 'nim',
    'sh', 'bash', 'zsh', 'fish', 'ps1', 'bat', 'cmd', 'sql', 'proto', 'graphql', 'css', 'scss', 'less',
    'vue', 'svelte', 'xml', 'xsd', 'yaml', 'yml', 'toml', 'ini', 'cfg', 'conf', 'properties', 'tf', 'cmake', 'gradle',
  ],
  json: ['json', 'geojson'],
  jsonl: ['jsonl', 'ndjson'],
  ipynb: ['ipynb'],
  image: ['png', 'jpg', 'jpeg', 'tif', 'tiff', 'bmp', 'webp'],
};
