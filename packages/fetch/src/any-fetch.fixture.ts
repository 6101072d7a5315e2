/** Any fetch under test. The types of the clients differ only where these tests don't look. */
export type AnyFetch = (
  input: string | URL | object,
  init?: object,
) => Promise<{
  status: number;
  body: NodeJS.ReadableStream;
  text(): Promise<string>;
  json(): Promise<unknown>;
}>;
