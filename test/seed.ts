import fc from 'fast-check';

/** Property tests draw from this seed where it is given, so that a run of `npm run test:long` can be repeated. */
const seed = process.env.EDGEPLANE_SEED;
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
