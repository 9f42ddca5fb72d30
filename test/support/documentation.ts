import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * The examples of the documentation, as programs. In a document,
 *
 * - every block of ` ```ts ` is a module; one that begins with a comment `// order.workflow.ts` has that name, so
 *   that later ones can import it;
 * - a comment `<!-- ts … -->` right before a block stands at the top of its module, for what readers need not see;
 * - a comment `<!-- file name.ts … -->` is a module of its own.
 */
export interface Example {
  /** The document that it is from, relative to the root of the project. */
  readonly document: string;
  /** Unique in its document. */
  readonly name: string;
  readonly source: string;
  /** Line 0 of the source is this line of the document (from 1); lines of a hidden head come before it. */
  readonly firstLine: number;
  /** How many lines at the top of the source are hidden in a comment. */
  readonly hiddenLines: number;
}

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What users read: the README, the changelog and the guides. */
export function documents(): string[] {
  const guides = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return [
    'README.md',
    'CHANGELOG.md',
    ...guides.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
  ];
}

export function textOf(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

const PARTS =
  /<!-- file (?<file>\S+)\n(?<hidden>[^]*?)\n-->|(?:<!-- ts\n(?<head>[^]*?)\n-->\s*)?^```ts\n(?<body>[^]*?)\n```$/gm;
const NAME = /^\/\/ (\S+\.ts)$/m;

export function examplesOf(document: string, text: string): Example[] {
  const examples: Example[] = [];
  for (const { 0: whole, index, groups = {} } of text.matchAll(PARTS)) {
    const { file, hidden, head, body } = groups;
    const source = file === undefined ? (body ?? '') : (hidden ?? '');
    const firstLine = text.slice(0, index + whole.lastIndexOf(source)).split('\n').length;
    examples.push({
      document,
      name: file ?? NAME.exec(source.split('\n', 1)[0] ?? '')?.[1] ?? `example-${examples.length + 1}.ts`,
      source: [...(head === undefined ? [] : [head]), source, 'export {};', ''].join('\n'),
      firstLine,
      hiddenLines: head === undefined ? 0 : head.split('\n').length,
    });
  }
  return examples;
}

/** What the compiler says about the examples, each with its place in its document. */
export function faultsIn(examples: readonly Example[]): string[] {
  const sources = new Map(examples.map((example) => [pathOf(example), example]));
  const program = ts.createProgram([...sources.keys()], compilerOptions(), hostWith(sources));
  return [...sources].flatMap(([path, example]) => {
    const file = program.getSourceFile(path);
    if (file === undefined) return [`${example.document}: ${example.name} was not compiled`];
    const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return diagnostics.map((diagnostic) => described(example, file, diagnostic));
  });
}

/** A path inside the project, where its packages are found; nothing is written there. */
function pathOf({ document, name }: Example): string {
  return join(root, 'build/documentation', document, name);
}

function compilerOptions(): ts.CompilerOptions {
  const file = join(root, 'tsconfig.json');
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return {
    ...options,
    noEmit: true,
    // Examples show what they are about, and leave things unused.
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
}

function hostWith(sources: ReadonlyMap<string, Example>): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions());
  const folders = new Set([...sources.keys()].map((path) => path.slice(0, path.lastIndexOf('/'))));
  return {
    ...host,
    fileExists: (path) => sources.has(path) || host.fileExists(path),
    readFile: (path) => sources.get(path)?.source ?? host.readFile(path),
    directoryExists: (path) => folders.has(path) || (host.directoryExists?.(path) ?? true),
    getSourceFile: (path, languageVersion, ...rest) => {
      const example = sources.get(path);
      return example === undefined
        ? host.getSourceFile(path, languageVersion, ...rest)
        : ts.createSourceFile(path, example.source, languageVersion);
    },
  };
}

function described(
  { document, firstLine, hiddenLines }: Example,
  file: ts.SourceFile,
  { start, messageText }: ts.Diagnostic,
): string {
  const line = file.getLineAndCharacterOfPosition(start ?? 0).line - hiddenLines;
  const place = line < 0 ? `${firstLine} (its hidden head)` : `${firstLine + line}`;
  return `${document}:${place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
