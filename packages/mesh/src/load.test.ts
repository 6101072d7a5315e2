import { describe, expect, it } from 'vitest';
import { MeshError, loadMesh } from './index.js';
import { parseMesh } from './load.js';

const GOOD = `
baseline: v1
lane: { header: X-Lane }
gateway: { port: 0, service: a, rules: [{ header: Version, value: v2, lane: blue }] }
services:
  a: { versions: { v1: { run: node a.js, env: { LEVEL: 1 } } } }
`;

function problemsOf(yaml: string): string {
  try {
    parseMesh(yaml, '/somewhere/mesh.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(MeshError);
    expect(error).toMatchObject({ code: 'MESH_CONFIG_INVALID' });
    return error instanceof Error ? error.message : '';
  }
  throw new Error('no problem was found');
}

describe('loadMesh', () => {
  it('fills in the defaults', () => {
    expect(parseMesh(GOOD, '/somewhere/mesh.yaml')).toEqual({
      file: '/somewhere/mesh.yaml',
      mode: 'permissive',
      baseline: 'v1',
      lane: { header: 'x-lane' },
      gateway: { port: 0, service: 'a', rules: [{ header: 'version', value: 'v2', lane: 'blue' }] },
      services: { a: { port: 0, versions: { v1: { run: 'node a.js', env: { LEVEL: '1' } } } } },
    });
  });

  it('names a missing file', () => {
    expect(() => loadMesh('nowhere.yaml')).toThrow(
      'Cannot read nowhere.yaml: there is no such file. Pass the path of a mesh file.',
    );
  });

  it.each([
    ['a: [', 'line 1, column 5'],
    [`${GOOD}\nbaseline: v2\n`, 'line 8, column 1: Map keys must be unique.'],
    ['a: *nothing', 'Unresolved alias'],
    ['a:\n\t- b', 'line 2'],
  ])('reports line and column of a YAML syntax error: %j', (yaml, position) => {
    expect(problemsOf(yaml)).toContain(position);
    expect(problemsOf(yaml)).toMatch(/Correct the YAML there\.$/);
  });

  it.each(['', '- a', 'text', '~'])('rejects %j', (yaml) => {
    expect(problemsOf(yaml)).toContain('the file must be a map with the keys mode, baseline');
  });

  it('reports all problems at once, each with its line, path and remedy', () => {
    const lines = problemsOf(`
mode: x
baseline: v1
lane: { baggage: 'a b', header: x }
gateway: { port: -1, service: nope, rules: [{ heder: v }, { header: a, lane: 'ü' }] }
services:
  a-b: { versions: { v2: { run: '', env: { PORT: 1, B: [] } } } }
  a_b: { version: 1 }
`).split('\n');
    expect(lines.shift()).toBe('mesh.yaml has 15 problems:');
    const expected = [
      /line 2, column 7: mode must be .* Write one of them\.$/,
      /line 4, column 18: lane\.baggage has a character .*\.$/,
      /line 4, column 7: lane must have one of the keys .*\.$/,
      /line 5, column 18: gateway\.port must be a whole number .*\.$/,
      /gateway\.rules\.0\.header is missing\. Write .*\.$/,
      /gateway\.rules\.0 has unknown keys: `heder`\. .*\.$/,
      /gateway\.rules\.1\.lane has a character .*\.$/,
      /line 7, column 33: services\.a-b\.versions\.v2\.run must not be empty\. .*\.$/,
      /env\.PORT is a variable that the mesh sets\. Remove it\.$/,
      /env\.B must be text, a number or a boolean\. .*\.$/,
      /services\.a_b\.versions must be a map .*\.$/,
      /services\.a_b has unknown keys: `version`\. .*\.$/,
      /line 5, column 31: gateway\.service names `nope`.* Write one of: a-b, a_b\.$/,
      /services\.a-b\.versions has no version `v1`, the baseline.*\.$/,
      /services\.a_b and `a-b` would both set the variable A_B_URL\. Rename one of them\.$/,
    ];
    for (const pattern of expected)
      expect(
        lines.some((line) => pattern.test(line)),
        String(pattern),
      ).toBe(true);
  });

  it.each(['host', 'baggage', 'Content-Length'])(
    'does not accept %s as the header that carries the lane',
    (header) => {
      expect(problemsOf(GOOD.replace('X-Lane', header))).toContain(
        'line 3, column 17: lane.header belongs to one connection or one message. Write another header, such as `x-lane`.',
      );
    },
  );

  it('asks for text where YAML parses a number', () => {
    expect(problemsOf(GOOD.replace('baseline: v1', 'baseline: 1'))).toContain(
      'line 2, column 11: baseline must be text. Write the version that serves requests without a lane, such as `v1`, in quotes if it is a number.',
    );
  });
});
