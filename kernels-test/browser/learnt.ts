// The run that learn-room.test.ts compares between a page and Node.

export const LEARNT = { cases: 8, batch: 4, rate: 0.001, steps: 18 } as const;

/** Its address. */
export const LEARNT_ADDRESS = `net=alexnet&data=phantoms&cases=${LEARNT.cases}&batch=${LEARNT.batch}&rate=${LEARNT.rate}`;
