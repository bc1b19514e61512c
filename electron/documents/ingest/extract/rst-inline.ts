/** Text without the marks of emphasis, literals, roles, references and substitutions. */
export function inlineText(text: string): string {
  return (
    text
      // `words <target>`_ and :role:`words <target>` are their words.
      .replace(/(?::[\w.+:-]{1,60}:)?`([^`<]{1,200}?)\s{0,8}<[^`>]{0,500}>`(?:__?)?/g, '$1')
      .replace(/``([^`]{1,2000})``/g, '$1')
      .replace(/:[\w.+:-]{1,60}:`[~!]?([^`]{1,1000})`/g, '$1')
      .replace(/`([^`]{1,1000})`(?:__?)?/g, '$1')
      .replace(/\*\*(?=\S)([^*]{1,1000})\*\*/g, '$1')
      .replace(/(^|[\s([{"'])\*(?=\S)([^*]{1,1000})\*(?=$|[\s)\]}"',.;:!?])/g, '$1$2')
      .replace(/\|(?=\S)([^|\s][^|]{0,100})\|_{0,2}(?=$|\W)/g, '$1')
      .replace(/ ?\[[#*\w-]{1,40}\]_(?=$|\W)/g, '')
      .replace(/([\p{L}\p{N}])__?(?=$|[\s,.;:!?)])/gu, '$1')
      .replace(/\\([^\s])/g, '$1')
  );
}
