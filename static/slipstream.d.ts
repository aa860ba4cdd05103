/** Types of slipstream.js. What each event means stands in docs/EMBEDDING.md. */

export type Track = "video" | "audio";

interface OfTake {
  question: string;
  take: number;
}

interface OfTrack extends OfTake {
  track: Track;
}

/** One recording's upload. docs/EFFICIENCY.md explains each figure; null: not measured, or not known yet. */
export interface SlipstreamUpload extends OfTrack {
  stage: "recording" | "uploading" | "completed" | "failed" | "discarded";
  is_prepared: boolean;
  size: number;
  duration_s: number;
  size_by_default: number | null;
  rung: number;
  rate_changes: number;
  thinned_s: number;
  sent: number;
  sent_twice: number;
  bytes_per_second: number | null;
  sending_s: number;
  queued_s: number;
  stalls: number;
  retries: Record<string, number>;
  retried: number;
  recovered: number;
  stored_at_stop: number | null;
  wait_s: number | null;
}

/** How the uploads of a session went, as in efficiency.json. Sizes are bytes. */
export interface SlipstreamEfficiency {
  version: number;
  mode: "progressive" | "per_answer" | "bulk";
  layout: "multipart" | "folded" | "stream" | "resumable" | null;
  step: "opened" | "checked" | "begun" | "recorded" | "answered" | "pressed" | "submitted";
  visits: number;
  questions: number;
  answered: number;
  failed: number;
  ready_s: number | null;
  open_s: number;
  total_s: number | null;
  first_byte_s: number | null;
  wait_s: number | null;
  overlap: number | null;
  recorded: number;
  recorded_s: number;
  sent: number;
  sent_twice: number;
  bytes_per_second: number | null;
  stalls: number;
  retries: Record<string, number>;
  retried: number;
  recovered: number;
  offline_s: number;
  peak_backlog: number;
  peak_memory: number | null;
  longest_task_s: number | null;
  score: number | null;
  advice: ("smaller-video" | "larger-video" | "patient-retries")[];
  uploads: SlipstreamUpload[];
  omitted: number;
}

/** What `event.detail` holds, by event. Sizes are bytes. */
export interface SlipstreamDetails {
  "ready": Record<string, never>;
  "recording-started": OfTrack;
  "recording-stopped": OfTrack & { duration_s: number; interrupted: boolean };
  "part-uploaded": OfTrack & { number: number };
  "upload-progress": {
    recorded: number;
    acknowledged: number;
    backlog: number;
    percent: number;
    bytes_per_second: number | null;
    remaining_s: number | null;
  };
  "upload-retry": OfTake & { track: Track | null; reason: string };
  "upload-success": OfTrack & { size: number };
  "upload-error": { question: string | null; take: number | null; track: Track | null; reason: string };
  "is-offline": Record<string, never>;
  "back-online": Record<string, never>;
  "answer-completed": OfTake & { tracks: Track[] };
  "safe-to-close": { is_safe: boolean };
  "submitted": { submitted_at: string; answers: number };
  "efficiency": { recorded: number; stored_at_stop: number; waited_s: number; report: SlipstreamEfficiency };
  "resize": { height_px: number };
}

export type SlipstreamEvents = { [Name in keyof SlipstreamDetails]: CustomEvent<SlipstreamDetails[Name]> };

/** The name of every event. */
export const EVENTS: ReadonlySet<keyof SlipstreamDetails>;

export class SlipstreamInterview extends HTMLElement {
  /** The candidate's ticket, fetched by your own server. A newer one of the same session goes on with it, one of another begins anew. */
  ticket: string;
  /** Where the interview is served; where slipstream.js itself comes from, if left out. */
  src: string;
  /** A language tag such as "de" or "pt-BR"; the candidate's browser decides, if left out. */
  locale: string;
  /** "light", "dark" or "auto". Colours, radius and font are CSS properties: --slipstream-accent and its like. */
  theme: string;
  pause(): void;
  resume(): void;
  retry(): void;
  submit(): void;
  addEventListener<Name extends keyof SlipstreamEvents>(
    type: Name,
    listener: (this: SlipstreamInterview, event: SlipstreamEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof SlipstreamEvents>(
    type: Name,
    listener: (this: SlipstreamInterview, event: SlipstreamEvents[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "slipstream-interview": SlipstreamInterview;
  }
}
