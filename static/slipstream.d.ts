/** Types of slipstream.js. What each event means stands in docs/EMBEDDING.md. */

export type Track = "video" | "audio";

interface OfTake {
  question: string;
  take: number;
}

interface OfTrack extends OfTake {
  track: Track;
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
  "efficiency": { recorded: number; stored_at_stop: number; waited_s: number };
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
