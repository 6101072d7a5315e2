/** How the tests see every fetch; the types of the clients differ in what does not matter here. */
export type AnyFetch = (
  input: string | URL | object,
  init?: object,
) => Promise<{
  status: number;
  body: NodeJS.ReadableStream;
  text(): Promise<string>;
  json(): Promise<unknown>;
}>;
