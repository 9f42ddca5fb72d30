import { Branch, Decision, execution, ForEach, goto, Pipeline, Step, Workflow } from 'nest-durable';
import type { DocumentData, Scan } from './document.js';
import { Office } from './office.js';
import { Scanner } from './scanner.js';

const SMALL_AMOUNT = 500;

/**
 * What comes in the mail, each kind on its own way. What a branch was told is recorded: a document that has taken its
 * way keeps to it after a restart, whatever the scanner would say then.
 */
@Workflow({ name: 'process_document' })
export class DocumentWorkflow extends Pipeline<Scan, DocumentData> {
  constructor(
    private readonly scanner: Scanner,
    private readonly office: Office,
  ) {
    super();
  }

  @Step()
  async recognise(scan: Scan) {
    return { kind: await this.scanner.kindOf(scan) };
  }

  @Branch({
    invoice: ['byLength', 'findAmount'],
    letter: 'byLength',
    photo: 'describe',
    default: 'sortByHand',
  })
  byKind({ kind }: DocumentData) {
    return kind;
  }

  @Branch({ short: 'readAtOnce', long: ['eachPage', 'joinPages'] }, { in: 'byKind' })
  byLength({ pages }: Scan) {
    return pages <= 2 ? 'short' : 'long';
  }

  @Step({ in: 'byLength' })
  async readAtOnce(scan: Scan) {
    return { text: await this.scanner.read(scan, 1) };
  }

  @ForEach({ do: 'readPage', concurrency: 4, into: 'pageTexts', in: 'byLength' })
  eachPage({ pages }: Scan) {
    return Array.from({ length: pages }, (_, index) => index + 1);
  }

  @Step({ in: 'eachPage' })
  async readPage(scan: Scan, page: number) {
    return { text: await this.scanner.read(scan, page) };
  }

  @Step({ in: 'byLength' })
  joinPages({ pageTexts }: DocumentData) {
    return { text: pageTexts.map(({ text }) => text).join('\n'), pageTexts: undefined };
  }

  @Step({ in: 'byKind' })
  findAmount({ text }: DocumentData) {
    return { amount: Number(/total (\d+)/.exec(text)?.[1] ?? 0) };
  }

  @Step({ in: 'byKind' })
  async describe(scan: Scan) {
    return { caption: await this.scanner.describe(scan) };
  }

  @Step({ in: 'byKind' })
  async sortByHand({ name }: Scan) {
    return { text: await this.office.sortByHand(name) };
  }

  @Decision({ to: ['file'] })
  needsNobody({ amount }: Partial<DocumentData>) {
    return amount === undefined || amount < SMALL_AMOUNT ? goto('file', { approvedBy: 'nobody' }) : undefined;
  }

  @Step()
  async approve({ name, amount }: DocumentData) {
    return { approvedBy: await this.office.approve(name, amount) };
  }

  @Step()
  async file({ name, kind }: DocumentData) {
    const folder = kind === 'unknown' ? 'by hand' : `${kind}s`;
    await this.office.file(name, folder, execution().idempotencyKey);
    return { folder };
  }
}
