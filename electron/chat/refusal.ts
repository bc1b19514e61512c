const patterns: readonly RegExp[] = [
  /\b(documents?|texts?|sources?|passages?|context|information|data)\b.{0,40}\b(do|does|did)(es)? ?(not|n['’]t) (contain|mention|say|state|provide|include|specify|give|have|address|cover|discuss)/i,
  /\b(not|n['’]t|no|never)\b.{0,40}\b(mentioned|provided|specified|stated|available|found|given|contained|included|covered|addressed)\b.{0,30}\b(documents?|texts?|sources?|passages?|context|data)\b/i,
  /\bcan(not|['’]t| not) (be answered|answer)\b/i,
  /\b(no|not (any|enough|sufficient)|insufficient) (information|details?|data|mention)\b.{0,60}\b(documents?|texts?|sources?|passages?|context|provided|available|answer)\b/i,
  /\bI (have no documents|(could|can|do|did)(not|n['’]t| not) (find|have|see|know))\b/i,
  /^\W*(?:(?:this|the answer|that) is )?not (?:contained )?in (?:this|the|these) (?:documents?|texts?|passages?)\W*$/i,
  /\b(unable|not able) to (find|answer|determine)\b/i,
  /\b(documentos?|textos?|fuentes?|información)\b.{0,40}\bno\b.{0,12}\b(contien|mencion|inclu|indic|dice|proporcion|aparec)/i,
  /\bno (se menciona|aparece|se indica|hay información|puedo responder|se puede responder)\b/i,
  /(문서|자료|정보).{0,30}(없습니다|않습니다|없어요|않아요|없다|않는다)/,
];

/** A sentence that says the documents do not answer, in English, Spanish or Korean. */
export function isRefusal(sentence: string): boolean {
  return patterns.some((pattern) => pattern.test(sentence));
}
