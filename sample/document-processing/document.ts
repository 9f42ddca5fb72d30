export type Kind = 'invoice' | 'photo' | 'letter' | 'unknown';

export interface Scan {
  name: string;
  pages: number;
}

/** What becomes known of a document on its way. */
export interface DocumentData extends Scan {
  kind: Kind;
  /** Where its pages were read one by one. */
  pageTexts: { text: string }[];
  text: string;
  amount: number;
  caption: string;
  approvedBy: string;
  folder: string;
}
