/** A framework, the argument with which it calls a middleware or plugin, and how an adapter is registered there. */
interface Host {
  readonly argument: string;
  readonly register: string;
  /** Members of the argument that neither lanes nor a policy have. */
  readonly members: readonly string[];
}

const HOSTS: readonly Host[] = [
  { argument: 'a fastify instance', register: 'app.register', members: ['register', 'addHook'] },
  { argument: 'a socket', register: 'io.use', members: ['handshake', 'nsp'] },
  { argument: 'a context', register: 'app.use', members: ['req', 'res'] },
  { argument: 'a request', register: 'app.use', members: ['headers', 'method'] },
];

/**
 * Returns the error text for an adapter that was passed to its framework without a call (`app.use(expressLane)`), so that the framework
 * called it with the argument of a middleware.
 *
 * @returns `undefined` when `value` is not such an argument
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
