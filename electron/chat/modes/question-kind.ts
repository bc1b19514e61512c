import type { QuestionKind } from '../../ipc/contract/index.ts';
import { isSmallTalk } from '../passages.ts';

/** What stands for "the documents" in a question. */
const things =
  '(?:documents?|files?|pdfs?|papers?|reports?|articles?|notes?|contracts?|leases?|invoices?|letters?|e?mails?|messages?|chapters?|books?|minutes|manuals?|polic(?:y|ies)|agreements?|offers?|proposals?|texts?|sources?|studies|slides?|sheets?|cvs?|resumes?)';
const cosas =
  '(?:documentos?|archivos?|ficheros?|informes?|artículos?|notas?|contratos?|facturas?|cartas?|correos?|mensajes?|capítulos?|libros?|actas?|manuales?|ofertas?|textos?|fuentes?|estudios?|propuestas?|presentaciones|políticas?)';
const koreanThings =
  '(?:문서|파일|보고서|논문|기사|메모|계약서?|송장|편지|메일|이메일|장|책|회의록|설명서|매뉴얼|자료|제안서|텍스트|정책)';

/** Something of each of them. */
const each: readonly RegExp[] = [
  new RegExp(
    `\\b(?:each|every|all(?: of)?(?: the| my| these| those)?|both)\\b[\\w\\s,'’-]{0,30}\\b${things}\\b`,
    'iu',
  ),
  new RegExp(
    `\\b(?:which|what|how many|in how many|how much of)\\b(?: of)?(?: the| my| these| those)? ${things}\\b(?! (?:may|can|must|should)\\b)(?! (?:is|are) (?:due|the|it|this|that)\\b)`,
    'iu',
  ),
  new RegExp(
    `\\b(?:across|among|between|throughout|over)\\b(?: all)?(?: of)?(?: the| my| these| those)?(?: \\w+){0,2} ${things}\\b`,
    'iu',
  ),
  new RegExp(
    `\\b(?:per|by|for each|one by one|document by document|file by file)\\b ${things}\\b`,
    'iu',
  ),
  new RegExp(
    `\\b(?:compare|contrast)\\b(?=.*\\b(?:all|${things}|them|these|those|each|with|and)\\b)`,
    'iu',
  ),
  /\b(?:differences?|similarities)\b.{0,20}\b(?:between|among)\b/iu,
  /\b(?:do|does|are|is)\b.{0,20}\bany of (?:the|my|these|those|them)\b/iu,
  /^\s*(?:list|name|enumerate|collect|extract|find|give me|show me|tabulate)\b[\w\s']{0,12}\b(?:all|every|each)\b/iu,
  /\ball (?:the )?(?:people|persons|names|dates|deadlines|prices|amounts|parties|suppliers|customers|places|authors|risks|numbers|figures|costs|addresses)\b/iu,
  new RegExp(
    `\\b(?:cada|tod[oa]s?(?: l[oa]s| mis| est[oa]s)?|ambos|ambas)\\b[\\p{L}\\s,]{0,30}${cosas}`,
    'iu',
  ),
  new RegExp(
    `(?:qué|cuáles?|cuántos|cuántas|cuál)(?: de)?(?: l[oa]s| mis| est[oa]s)? ${cosas}`,
    'iu',
  ),
  new RegExp(`(?:entre|por|en)(?: tod[oa]s)?(?: l[oa]s| mis| est[oa]s) ${cosas}`, 'iu'),
  /(?:^|[\s¿])(?:compara|compare|comparar|contrasta)\b/iu,
  /\bdiferencias?\b.{0,20}\bentre\b/iu,
  /(?:^|[\s¿])(?:enumera|lista|nombra|haz una lista|recopila|extrae|dame|muestra|encuentra)\b[\p{L}\s]{0,16}\btod[oa]s\b/iu,
  new RegExp(`(?:각|모든|전체|여러|어느|어떤|몇)\\s*(?:개의?\\s*)?${koreanThings}`, 'u'),
  new RegExp(`${koreanThings}(?:들)?(?:마다|별로|\\s*(?:각각|모두|전부|중))`, 'u'),
  new RegExp(`${koreanThings}(?:은|는|이|가)?\\s*(?:모두\\s*)?몇\\s*(?:개|건|편|통)`, 'u'),
  /(?:비교|대조)(?:해|하|를|한)|(?:차이|공통)점/u,
  /(?:모든|전부|모두).{0,24}(?:나열|열거|목록|찾아|알려|뽑아|정리)/u,
  /(?:나열|열거)(?:해|하)/u,
];

/** What it says as a whole. */
const overview: readonly RegExp[] = [
  /\bsum(?:mar(?:y|ies|i[sz]e|i[sz]ed|i[sz]ing)|\s+up)\b|\btl;?dr\b|\bsynopsis\b|\brecap\b|\babstract of\b/iu,
  /\b(?:overview|outline|gist|big picture|in a nutshell|key takeaways?|takeaways)\b/iu,
  /\b(?:main|key|central|most important|major|principal|essential) (?:points?|ideas?|themes?|arguments?|topics?|findings?|conclusions?|messages?|results?|statements?)\b/iu,
  new RegExp(
    `\\bwhat(?:['’]s| is| are| do| does)? ${'(?:the |this |that |these |those |my )?'}${things}(?: all)? (?:about|say|saying|deal with|cover|tell)`,
    'iu',
  ),
  new RegExp(
    `\\bwhat (?:is|are|do|does) (?:the|this|that|these|those|my) (?:\\w+ )?${things} (?:about|say|saying|deal with|cover|tell)`,
    'iu',
  ),
  /\bwhat is (?:it|this|that) (?:all )?about\b/iu,
  /\b(?:describe|explain|walk me through|go through|review|analy[sz]e|critique|proofread|translate)\b (?:the |this |that |my )?(?:whole |entire |full |complete )?(?:document|file|pdf|paper|report|article|text|book|contract|chapter|story|letter)\b/iu,
  /\b(?:whole|entire|complete|full) (?:document|file|pdf|paper|report|article|text|book|contract|story)\b/iu,
  /\bfrom (?:the )?(?:beginning|start) to (?:the )?end\b/iu,
  /\b(?:resum(?:e|en|ir|ido|a|as|iendo|ime|íme|elo|irlo|irme)|resúmelo|resúmeme|resúme|síntesis|sintetiza|resúmenes)\b/iu,
  /\b(?:ideas?|puntos?|temas?|argumentos?|conclusion(?:es)?|conclusión|mensajes?|hallazgos?) (?:principal(?:es)?|clave|centrales?|importantes?|más importantes?)\b/iu,
  /(?:visión|idea) general|panorama|a grandes rasgos/iu,
  new RegExp(
    `(?:de qué|qué) (?:trata|tratan|va|van|dice|dicen|cuenta|habla|hablan)(?: en general)?\\s*(?:el|la|este|esta|los|las|estos|estas|mi|mis)? ?${cosas}?\\s*\\??$`,
    'iu',
  ),
  /\b(?:describe|explica|analiza|revisa|traduce)\b (?:todo )?(?:el|la|este|esta) (?:documento|informe|texto|artículo|libro|contrato|archivo)\b/iu,
  /(?:todo|entero|completo) (?:el )?(?:documento|informe|texto|artículo|libro|contrato)|(?:documento|informe|texto|artículo|libro|contrato) (?:entero|completo)/iu,
  /요약|개요|줄거리|정리해\s*(?:줘|주)|간추|한마디로/u,
  /(?:핵심|주요|중요한|중심)\s*(?:내용|주제|논점|요점|사항|결론|생각|메시지|포인트)/u,
  /(?:무엇|뭐|무슨\s*내용|어떤\s*내용)에?\s*(?:관한|대한|대해|을\s*다루|를\s*다루)/u,
  /무슨\s*내용|어떤\s*내용(?:이|인|을|입)/u,
  /(?:문서|글|책|보고서|논문|계약서|파일)\s*전체/u,
];

/** An overview of one of them, though "every" or "all" stands in it: "a summary of all the points". */
const ofOne = /\b(?:this|the) (?:document|file|pdf|paper|report|article|book|contract|chapter)\b/iu;

/**
 * What a question wants, by its words in English, Spanish and Korean. A rule, so it can be wrong; the
 * window says what was chosen and lets a person choose otherwise.
 */
export function questionKind(question: string): QuestionKind {
  if (isSmallTalk(question)) return 'talk';
  const wantsAll = overview.some((pattern) => pattern.test(question));
  const wantsEach = each.some((pattern) => pattern.test(question));
  if (wantsAll && wantsEach) return ofOne.test(question) ? 'overview' : 'each';
  if (wantsEach) return 'each';
  return wantsAll ? 'overview' : 'fact';
}
