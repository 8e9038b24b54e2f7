#!/usr/bin/env node
// Loads TypeScript as it is: no build step stands between a clone and a first run. The whole of tsx, because verbs
// are loaded by `import()`, which `tsx/cjs` leaves alone.
require('tsx');
require('./main.ts').start();
