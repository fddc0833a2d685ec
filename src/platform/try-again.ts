// Failures that are not the job's own: the same command, run again, goes on where it stopped.

/** Another process has the folder, or the GPU was lost. The command line ends with 75, by which schedulers know that they may run the job again. */
export class TryAgain extends Error {}
