/** What a host calls a middleware or plugin with, and how an adapter is registered there. */
interface Host {
  readonly argument: string;
  readonly register: string;
  /** Members that a value has, and lanes or a policy have not. */
  readonly members: readonly string[];
}

const HOSTS: readonly Host[] = [
  { argument: 'a fastify instance', register: 'app.register', members: ['register', 'addHook'] },
  { argument: 'a socket', register: 'io.use', members: ['handshake', 'nsp'] },
  { argument: 'a context', register: 'app.use', members: ['req', 'res'] },
  { argument: 'a request', register: 'app.use', members: ['headers', 'method'] },
];

/**
 * What to write instead, when an adapter was passed to its host without being called, so that the host called it with what a middleware
 * is called with.
 *
 * @returns `undefined` when `value` is something else
 * @example
 * describeUncalled('expressLane', request); // 'expressLane was called with a request instead of lanes. Write app.use(expressLane()), ...'
 */
export function describeUncalled(adapter: string, value: unknown): string | undefined {
  if (typeof value !== 'object' && typeof value !== 'function') return undefined;
  const host = HOSTS.find(({ members }) => members.every((member) => member in Object(value)));
  if (host === undefined) return undefined;
  const { argument, register } = host;
  return (
    `${adapter} was called with ${argument} instead of lanes. ` +
    `Write ${register}(${adapter}()), or ${register}(${adapter}(lanes)), instead of ${register}(${adapter}).`
  );
}
