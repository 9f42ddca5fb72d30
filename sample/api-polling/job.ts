export type JobState = 'queued' | 'rendering' | 'done' | 'broken';

export interface RenderRequest {
  film: string;
  /** How long to wait before the first look; each wait is twice as long as the one before, up to a limit. */
  firstPauseMs: number;
}

export interface RenderData extends RenderRequest {
  job: string;
  state: JobState;
  percent: number;
  pauseMs: number;
  file: string;
}
