export const reading = {
  'reading.title': 'Reading documents',
  'reading.note': 'Text, tables and slides are always read. Pictures of text only if you want it.',
  'reading.ocr': 'Recognise text in pictures and scans',
  'reading.ocrNote':
    'Uses Tesseract where it is installed on this machine. Slow: some seconds for each page. What was not read before is read by “Try again” or “Look now” at its collection.',
  'reading.languages': 'Languages to recognise',
  'reading.languagesNote':
    'Tesseract’s names, joined by a plus sign: eng, spa, kor, eng+deu. Their packs must be installed.',
} as const;
