export type Ink = 'green' | 'red' | 'yellow' | 'cyan' | 'grey' | 'bold';

const inks: Readonly<Record<Ink, string>> = {
  green: '32',
  red: '31',
  yellow: '33',
  cyan: '36',
  grey: '90',
  bold: '1',
};

/** Text in a colour, or as it is where colours are off. */
export type Paint = (ink: Ink, text: string) => string;

export const plain: Paint = (_, text) => text;
export const inColour: Paint = (ink, text) => (text === '' ? '' : `\u001b[${inks[ink]}m${text}\u001b[0m`);

/** Whether somebody looks at the standard output, and has not said no to colours. */
export function wantsColour(): boolean {
  const { NO_COLOR } = process.env;
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === '');
}
