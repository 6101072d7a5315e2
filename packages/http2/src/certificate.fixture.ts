import { generate } from 'selfsigned';

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

let made: Promise<Certificate> | undefined;

/** Returns a self-signed certificate for `localhost` and `external.example`, created once. */
export function selfSigned(): Promise<Certificate> {
  return (made ??= make());
}

async function make(): Promise<Certificate> {
  const altNames = ['localhost', 'external.example'].map((value) => ({ type: 2 as const, value }));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { key, cert };
}
