export { createProgram, type Terminal } from './program.js';
export { runCommand } from './run-command.js';
