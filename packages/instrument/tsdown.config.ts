import type { UserConfig } from 'tsdown';
import shared from '../../tsdown.config.js';

/** The second entry point is for `node --import`. */
const config: UserConfig = { ...shared, entry: ['src/index.ts', 'src/register.ts'] };

export default config;
