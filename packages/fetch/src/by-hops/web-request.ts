import type { Carrier } from '@laneway/core';
import { type KeptBody, keepBody, keepBodyOf } from './kept-body.js';
import { addToInit } from '../request-init.js';

/** The options of a web fetch that Laneway reads. */
interface WebInit {
  readonly method?: string;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly redirect?: unknown;
  readonly signal?: unknown;
}

// In other runtimes a copy of a `Request` loses options, such as Deno's `client`.
const isNode = process.versions.undici !== undefined;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

// Headers that are removed when a redirect changes the origin. The Standard names the first; runtimes remove the others too.
const PRIVATE: readonly string[] = ['authorization', 'proxy-authorization', 'cookie', 'host'];
const OF_BODY: readonly string[] = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
];

/** Recognises a `Request` by its shape, because undici and node-fetch have other classes. */
function toRequest(input: unknown): Request | undefined {
  const { url, headers, clone } = Object(input) as Partial<Request>;
  return typeof url === 'string' && headers !== undefined && typeof clone === 'function'
    ? (input as Request)
    : undefined;
}

/** A request of a web fetch that follows redirects: the algorithm "HTTP-redirect fetch" of the Fetch Standard. */
export class WebRequest {
  /** The URL of the next hop. */
  url: URL;
  /** The caller's headers for the next hop. */
  headers: Headers;
  readonly #input: unknown;
  readonly #init: WebInit | null | undefined;
  readonly #follows: boolean;
  readonly #signal: unknown;
  #method: string;
  #body: unknown;
  #kept: KeptBody | undefined;

  private constructor(input: unknown, init: WebInit | null | undefined) {
    const { method, headers, body, redirect, signal } = init ?? {};
    const request = toRequest(input);
    this.#input = input;
    this.#init = init;
    this.url = new URL(request?.url ?? String(input));
    this.headers = new Headers(
      (headers === undefined ? request?.headers : headers) as ConstructorParameters<typeof Headers>[0],
    );
    this.#follows = (redirect ?? request?.redirect ?? 'follow') === 'follow';
    this.#signal = signal === undefined ? request?.signal : signal;
    this.#method = method ?? request?.method ?? 'GET';
    if (!this.#follows) return;
    const hasRequestBody = request && (body === undefined || body === null) && !isBodiless(this.#method);
    this.#kept = hasRequestBody ? keepBodyOf(request) : keepBody(body);
  }

  /** @returns `undefined` when the arguments are not a request over HTTP */
  static from(input: unknown, init: unknown): WebRequest | undefined {
    try {
      const request = new WebRequest(input, init as WebInit | null | undefined);
      return isHttp(request.url) ? request : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Returns the arguments of the caller's call with the lane in the headers, which keep the caller's shape.
   *
   * @param attach returns headers with the lane
   */
  firstCall(attach: (headers: Carrier | undefined) => Carrier | undefined): [input: unknown, init: object] {
    const request = toRequest(this.#input);
    const original = this.#init?.headers ?? request?.headers;
    const headers = attach(original as Carrier | undefined);
    const added = headers === original ? {} : { headers };
    // Next.js reads only the headers of the `Request` for the key of its cache.
    const isCopied = isNode && request !== undefined && headers !== original;
    const init = addToInit(this.#init, {
      ...added,
      ...(this.#follows ? { redirect: 'manual' } : {}),
      // The garbage collector may take the copy during the call, and its signal with it.
      ...(isCopied ? { signal: this.#signal } : {}),
    });
    const { constructor: Kind } = (request ?? {}) as { constructor: typeof Request };
    return [isCopied ? new Kind(request, added as RequestInit) : this.#input, init];
  }

  /** Returns the options of a call after a redirect. They include what the first call took from a `Request`. */
  nextOptions(headers: Headers, redirect: 'manual' | 'follow'): object {
    const options = { method: this.#method, body: this.#body, signal: this.#signal, headers, redirect };
    return addToInit(this.#init, options);
  }

  /**
   * Prepares the next hop if a response is a redirect.
   *
   * @returns whether it is a redirect that must be followed
   * @throws {TypeError} where the Standard specifies a network error
   */
  async follow(response: Response): Promise<boolean> {
    // A mock may return anything, even nothing.
    if (!this.#follows || !REDIRECTS.has(response?.status) || typeof response.headers?.get !== 'function')
      return false;
    const location = response.headers.get('location');
    if (location === null) return false;
    discard(response);
    const { status } = response;
    const next = locate(location, this.url);
    if (becomesGet(status, this.#method)) {
      this.#method = 'GET';
      this.#body = undefined;
      this.end();
      this.headers = without(this.headers, OF_BODY);
    } else this.#body = await this.#kept?.again();
    if (next.origin !== this.url.origin) this.headers = without(this.headers, PRIVATE);
    this.url = next;
    return true;
  }

  /** Releases the kept body. */
  end(): void {
    this.#kept?.drop();
    this.#kept = undefined;
  }
}

/** Discards the body of a redirect, without waiting for its end. */
function discard(response: Response): void {
  // In Bun's `node-fetch` the body is a stream of Node's.
  const body: { cancel?(): Promise<void>; destroy?(): void } | null = response.body;
  body?.cancel?.().catch(() => {});
  body?.destroy?.();
}

function locate(location: string, from: URL): URL {
  // `Headers` decodes values as Latin-1, but browsers, Node and Bun read Location as UTF-8.
  const text = Buffer.from(location, 'latin1').toString();
  const url = URL.canParse(text, from.href) ? new URL(text, from) : undefined;
  // A runtime's fetch supports other schemes too, such as `file:`. A server must not redirect to them.
  if (url === undefined || !isHttp(url))
    throw new TypeError(
      `fetch failed: ${from.origin} redirects to ${JSON.stringify(text)}, not to an http or https URL. Correct its Location header.`,
    );
  url.hash = ''; // Fragments are never sent.
  return url;
}

function becomesGet(status: number, method: string): boolean {
  return status === 303 ? !isBodiless(method) : status < 303 && /^post$/i.test(method);
}

function without(headers: Headers, names: readonly string[]): Headers {
  const rest = new Headers(headers);
  for (const name of names) rest.delete(name);
  return rest;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

function isBodiless(method: string): boolean {
  return /^(?:get|head)$/i.test(method);
}
