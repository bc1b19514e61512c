import type { CorpusFormat, Doc, Written } from './document.ts';
import {
  writeCode,
  writeEml,
  writeIpynb,
  writeJson,
  writeMbox,
  writeSeparated,
} from './write-data.ts';
import { writeDocx, writePptx, writeXlsx } from './write-office.ts';
import { writeEpub, writeOdp, writeOds, writeOdt } from './write-open.ts';
import { writePdf } from './write-pdf.ts';
import { writeHtml, writeMd, writeRst, writeRtf, writeTxt } from './write-text.ts';

const writers: Readonly<Record<CorpusFormat, (doc: Doc) => Written | Promise<Written>>> = {
  txt: writeTxt,
  md: writeMd,
  rst: writeRst,
  html: writeHtml,
  pdf: writePdf,
  docx: writeDocx,
  pptx: writePptx,
  xlsx: writeXlsx,
  csv: writeSeparated,
  tsv: writeSeparated,
  odt: writeOdt,
  ods: writeOds,
  odp: writeOdp,
  epub: writeEpub,
  rtf: writeRtf,
  eml: writeEml,
  mbox: writeMbox,
  code: writeCode,
  json: writeJson,
  jsonl: writeJson,
  ipynb: writeIpynb,
};

/** The document as a file of its format. Same document, same bytes. */
export const write = async (doc: Doc): Promise<Written> => writers[doc.format](doc);
