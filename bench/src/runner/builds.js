import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['@laneway/core', '@laneway/express', '@laneway/socket.io', '@laneway/fetch'];

/**
 * Checks that the packages are built, because the bench measures what users install.
 *
 * @throws {Error} when a build is missing
 */
export function checkBuilds() {
  const missing = PACKAGES.filter((name) => !existsSync(fileURLToPath(import.meta.resolve(name))));
  if (missing.length === 0) return;
  throw new Error(
    `Not built: ${missing.join(', ')}. The bench measures the built packages. ` +
      'Run `npm run bench` in the root folder, which builds them first, or `npm run build`.',
  );
}
