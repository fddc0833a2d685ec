// The runs that learn-room.test.ts compares between a page and Node.

/** AlexNet on synthetic heads, until it tells them apart. */
export const LEARNT = { cases: 32, batch: 4, rate: 0.001, steps: 90 } as const;

/** Its address. */
export const LEARNT_ADDRESS = `net=alexnet&data=phantoms&cases=${LEARNT.cases}&batch=${LEARNT.batch}&rate=${LEARNT.rate}`;

/** A few steps of GoogLeNet, with its auxiliary heads, on fractals. */
export const LEARNT_GOOGLENET = { categories: 2, batch: 2, steps: 3 } as const;

/** Its address. */
export const LEARNT_GOOGLENET_ADDRESS = `net=googlenet&cats=${LEARNT_GOOGLENET.categories}&batch=${LEARNT_GOOGLENET.batch}`;
