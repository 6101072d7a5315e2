import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import type { MeshConfig } from './config.js';
import { MeshError } from './errors.js';
import { checkReferences, type MeshProblem } from './references.js';
import { meshSchema } from './schema.js';

/**
 * Reads a mesh file and returns the validated configuration.
 *
 * @throws {MeshError} one error that lists every problem of the file with its line, path and remedy
 * @example
 * const mesh = await startMesh(loadMesh('mesh.yaml'));
 */
export function loadMesh(file: string): MeshConfig {
  const path = resolve(file);
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    const why = reasonOf(error);
    throw new MeshError(
      'MESH_FILE_UNREADABLE',
      `Cannot read ${file}: ${why}. Pass the path of a mesh file.`,
      {
        cause: error,
      },
    );
  }
  return parseMesh(source, path);
}

/** Validates the text of a mesh file. `file` is its path, for messages and for the folder of its commands. */
export function parseMesh(source: string, file: string): MeshConfig {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (error) => `${position(lines, error.pos[0])}: ${sentence(error.message)}`,
    );
    throw invalid(file, problems, 'Correct the YAML there.');
  }
  const content = toContent(document, file);
  const result = meshSchema.safeParse(content);
  const found: readonly MeshProblem[] = [...(result.error?.issues ?? []), ...checkReferences(content)];
  if (!result.success || found.length > 0) {
    const problems = found.map(({ path, message }) => {
      return `${position(lines, offsetOf(document, path))}: ${path.map(String).join('.') || 'the file'} ${message}`;
    });
    throw invalid(file, problems);
  }
  return { ...result.data, file };
}

function toContent(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Only here does the parser report an alias without an anchor.
    throw invalid(file, [sentence(reasonOf(error))], 'Correct the YAML there.');
  }
}

function invalid(file: string, problems: readonly string[], remedy?: string): MeshError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const listed = [`${basename(file)} has ${count}:`, ...problems.map((problem) => `  ${problem}`)];
  return new MeshError(
    'MESH_CONFIG_INVALID',
    (remedy === undefined ? listed : [...listed, remedy]).join('\n'),
  );
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error.message;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/** Returns where the value at this path starts, or the nearest existing parent of a missing value. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
