import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Scan } from '../../../sample/document-processing/document.js';
import { DocumentWorkflow } from '../../../sample/document-processing/document.workflow.js';
import { DocumentsModule } from '../../../sample/document-processing/documents.module.js';
import { Office } from '../../../sample/document-processing/office.js';
import { Scanner } from '../../../sample/document-processing/scanner.js';
import type { DurableApp } from '../../support/durable-app.js';
import { runSample } from './sample-process.js';
import { startSample } from './start-sample.js';

describe('The documents of the sample', () => {
  let app: DurableApp;

  beforeAll(async () => {
    app = await startSample(DocumentsModule);
  }, 60_000);

  afterAll(async () => {
    await app.close();
  });

  async function process(scan: Scan) {
    const handle = await app.client.start(DocumentWorkflow, scan);
    const data = await handle.result();
    const { steps } = await app.client.getExecution(handle.id, { steps: true });
    return { data, way: steps?.map(({ path }) => path).toSorted() };
  }

  it.each([
    [
      { name: 'invoice-120', pages: 1 },
      { folder: 'invoices', amount: 120, approvedBy: 'nobody' },
      ['byKind', 'byKind/byLength', 'byKind/byLength/readAtOnce', 'byKind/findAmount', 'needsNobody'],
    ],
    [
      { name: 'letter-from-ada', pages: 2 },
      { folder: 'letters', text: 'letter-from-ada, total 0 EUR', approvedBy: 'nobody' },
      ['byKind', 'byKind/byLength', 'byKind/byLength/readAtOnce', 'needsNobody'],
    ],
    [
      { name: 'photo-of-a-cat', pages: 1 },
      { folder: 'photos', caption: 'what photo-of-a-cat shows', approvedBy: 'nobody' },
      ['byKind', 'byKind/describe', 'needsNobody'],
    ],
    [
      { name: 'scribble', pages: 9 },
      { folder: 'by hand', text: 'scribble, typed by hand', approvedBy: 'nobody' },
      ['byKind', 'byKind/sortByHand', 'needsNobody'],
    ],
  ])('go the way of their kind and length: %j', async (scan, expected, blocks) => {
    const { data, way } = await process(scan);

    expect(data).toMatchObject({ ...scan, ...expected });
    expect(way).toEqual(['recognise', 'file', ...blocks].toSorted());
    expect(app.module.get(Office, { strict: false }).contentsOf(expected.folder)).toContain(scan.name);
  });

  it('are read page by page where they are long, and approved where they cost much', async () => {
    const { data, way } = await process({ name: 'invoice-8800', pages: 3 });

    expect(data).toMatchObject({ amount: 8800, approvedBy: 'the board', folder: 'invoices' });
    expect(data.text.split('\n')).toEqual([
      'invoice-8800, total 8800 EUR',
      'page 2 of invoice-8800',
      'page 3 of invoice-8800',
    ]);
    expect(data).not.toHaveProperty('pageTexts');
    expect(way).toEqual(
      expect.arrayContaining(['byKind/byLength/eachPage/2/readPage', 'byKind/byLength/joinPages', 'approve']),
    );
  });

  it('are looked at once more where the scanner fails, and go on from there', async () => {
    const scanner = app.module.get(Scanner, { strict: false });
    const describing = jest.spyOn(scanner, 'describe').mockRejectedValueOnce(new TypeError('blurred'));
    const recognising = jest.spyOn(scanner, 'kindOf');

    const { data } = await process({ name: 'photo-of-a-dog', pages: 1 });

    expect(data.caption).toBe('what photo-of-a-dog shows');
    expect([recognising.mock.calls.length, describing.mock.calls.length]).toEqual([1, 2]);
    jest.restoreAllMocks();
  });
});

describe('npm run sample:document-processing', () => {
  it('draws the process, and tells which way each document took', async () => {
    const { exitCode, printed, complaints } = await runSample('document-processing');

    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
    expect(printed).toContain('flowchart TB');
    expect(printed.match(/^ +recognise → .*$/gm)?.map((line) => line.trim())).toEqual([
      'recognise → byKind: invoice → byLength: short → readAtOnce → findAmount → file',
      'recognise → byKind: invoice → byLength: long → readPage → joinPages → findAmount → approve → file',
      'recognise → byKind: letter → byLength: long → readPage → joinPages → file',
      'recognise → byKind: photo → describe → file',
      'recognise → byKind: default → sortByHand → file',
    ]);
    expect(printed).toMatch(/^process_document v1 .* completed in/m);
  }, 60_000);
});
