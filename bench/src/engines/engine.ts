/** The workflows that the workloads are made of. `loop` takes as many steps as its input asks for. */
export type BenchWorkflow = 'one-step' | 'three-step' | 'loop';

/** What a run asks of one engine: an adapter per peer implements it with that peer's best settings. */
export interface Engine {
  /** SQL that counts what is not yet recorded as finished; zero at the end of every run. */
  readonly unfinished: string;

  /** SQL that counts the executions that are recorded as asleep. A job queue has none. */
  readonly asleep?: string;

  /**
   * Creates or migrates the tables, starts a worker, and is ready to start executions. `inFlight` says how many
   * there will be at a time: an engine that asks the database once per free slot suffers from too many.
   */
  open(url: string, inFlight: number): Promise<OpenEngine>;

  /** Leaves a backlog of `count` one-step executions that nobody works on yet, and disconnects. */
  fill(url: string, count: number): Promise<void>;
}

export interface OpenEngine {
  /** Starts one execution and resolves when its result is there. `steps` matters to `loop` only. */
  run(workflow: BenchWorkflow, steps: number): Promise<unknown>;

  /**
   * Starts one execution that sleeps until a moment, takes one step and ends; resolves when it is started. A job
   * queue cannot do this.
   */
  startSleeper?(until: Date): Promise<unknown>;

  /** Stops working and ends every connection. */
  close(): Promise<void>;
}

/** How many executions are in flight in the throughput workloads, for every engine alike. */
export const IN_FLIGHT = 200;
