/** The websocket: subscribes to fields of jobs, survives cuts, and goes on from the last frame it has. */

import type { GridInfo, Job } from "./api";
import { type Frame, FrameDecoder, FrameError } from "./frames";
import { reason } from "./problem";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
const PING_EVERY_MS = 20_000;

export interface StreamHandlers {
  onGrid(job: string, field: string, grid: GridInfo | null, links: readonly string[] | null): void;
  onFrame(job: string, field: string, frame: Frame): void;
  onJob(job: Job): void;
  onLink(open: boolean): void;
  onComplaint(detail: string): void;
}

interface Subscription {
  job: string;
  field: string;
  last: number | null;
  stream: number | null;
  decoder: FrameDecoder;
}

export class StreamClient {
  private socket: WebSocket | null = null;
  private subscriptions: Subscription[] = [];
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private ping: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly handlers: StreamHandlers,
  ) {}

  subscribe(job: string, field: string): void {
    if (this.subscriptions.some((one) => one.job === job && one.field === field)) return;
    const one: Subscription = { job, field, last: 0, stream: null, decoder: new FrameDecoder() };
    this.subscriptions.push(one);
    if (this.socket?.readyState === WebSocket.OPEN) this.ask(one);
    else this.connect();
  }

  unsubscribe(job: string): void {
    for (const one of this.subscriptions.filter((each) => each.job === job)) {
      if (one.stream !== null) this.send({ op: "unsubscribe", stream: one.stream });
    }
    this.subscriptions = this.subscriptions.filter((each) => each.job !== job);
    if (this.subscriptions.length === 0) this.close();
  }

  /** Drop the line as a failing network would; used by tests. */
  cut(): void {
    this.socket?.close(4000, "cut");
  }

  close(): void {
    clearTimeout(this.retry);
    clearInterval(this.ping);
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }

  private connect(): void {
    if (this.socket) return;
    clearTimeout(this.retry);
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.failures = 0;
      this.handlers.onLink(true);
      for (const one of this.subscriptions) this.ask(one);
      this.ping = setInterval(() => this.send({ op: "ping" }), PING_EVERY_MS);
    };
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return;
      if (typeof data === "string") this.control(JSON.parse(data) as Record<string, unknown>);
      else this.frame(data as ArrayBuffer);
    };
    socket.onclose = () => {
      clearInterval(this.ping);
      if (this.socket !== socket) return;
      this.socket = null;
      for (const one of this.subscriptions) one.stream = null;
      if (this.subscriptions.length === 0) return;
      this.handlers.onLink(false);
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures++);
      // A tenth of chance keeps many pages from knocking at the same moment.
      this.retry = setTimeout(() => this.connect(), wait * (0.9 + 0.2 * Math.random()));
    };
  }

  private ask(one: Subscription): void {
    this.send({ op: "subscribe", job: one.job, field: one.field, since: one.last });
  }

  private send(message: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private control(message: Record<string, unknown>): void {
    if (message.op === "subscribed") {
      const one = this.subscriptions.find((each) => each.job === message.job && each.field === message.field);
      if (!one) return;
      one.stream = message.stream as number;
      this.handlers.onGrid(one.job, one.field, message.grid as GridInfo | null, (message.links as string[] | undefined) ?? null);
    } else if (message.op === "job") {
      this.handlers.onJob(message as unknown as Job);
    } else if (message.op === "error") {
      this.handlers.onComplaint(String(message.detail ?? ""));
    }
  }

  private frame(message: ArrayBuffer): void {
    const stream = message.byteLength >= 12 ? new DataView(message).getUint32(8, true) : -1;
    const one = this.subscriptions.find((each) => each.stream === stream);
    if (!one) return;
    try {
      const frame = one.decoder.decode(message);
      one.last = frame.sequence;
      this.handlers.onFrame(one.job, one.field, frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      if (!error.recoverable) {
        this.handlers.onComplaint(reason(error));
        return;
      }
      one.last = null;
      one.decoder = new FrameDecoder();
      if (one.stream !== null) this.send({ op: "unsubscribe", stream: one.stream });
      one.stream = null;
      this.ask(one);
    }
  }
}
