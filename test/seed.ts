import fc from 'fast-check';

/** Property tests draw from this seed where it is given, so that a run of `npm run test:long` can be repeated. */
const given = process.env.EDGEPLANE_SEED;
if (given !== undefined) fc.configureGlobal({ seed: Number(given) });

/** For cases that are drawn beside a property: the seed that was given, or the same one in every run. */
export const seed = Number(given ?? 20_261_121);
