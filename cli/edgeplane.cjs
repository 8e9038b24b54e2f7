#!/usr/bin/env node
// Loads TypeScript as it is: no build step stands between a clone and a first run.
require('tsx/cjs');
require('./main.ts');
