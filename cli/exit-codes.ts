/** What a script may rely on. */
export const exitCodes = {
  fine: 0,
  /** The input has problems, or something is not as it was asked to be. */
  problems: 1,
  usage: 2,
  /** A cluster, a file or a program outside did not do its part. */
  world: 3,
  /** Ctrl-C: 128 and the number of SIGINT. */
  interrupted: 130,
} as const;

/** An error that decides the exit code of the whole command. */
export class ExitError extends Error {
  constructor(
    message: string,
    readonly exitCode: (typeof exitCodes)[keyof typeof exitCodes],
  ) {
    super(message);
    this.name = 'ExitError';
  }
}
