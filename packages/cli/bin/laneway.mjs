#!/usr/bin/env node
import { runCommand } from '../dist/index.mjs';

process.exitCode = await runCommand(process.argv.slice(2));
