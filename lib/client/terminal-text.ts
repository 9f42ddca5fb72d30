import { stripVTControlCharacters } from 'node:util';

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const WITHOUT_WIDTH = /^(?:\p{M}|[\u200b-\u200c]|\u200d|\ufe0e|\ufe0f)$/u;

/** Text of users on one line, without anything that moves a terminal's cursor or changes its colours. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\p{Bidi_Control}]/gu, '')
    .trim();
}

/** How many columns of a terminal the text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** The text in at most so many columns, with an ellipsis where something had to go. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    if (used + columnsOf(character) > width - 1) break;
    kept += character;
    used += columnsOf(character);
  }
  return `${kept}…`;
}

/** The text in exactly so many columns. */
export function fitted(text: string, width: number): string {
  const short = shortened(text, width);
  return short + ' '.repeat(width - widthOf(short));
}

function columnsOf(character: string): number {
  if (WITHOUT_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
