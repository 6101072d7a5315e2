export type { Lanes } from '@laneway/core';
