import type { ErrorShape } from '../ipc/contract/index.ts';
import type {
  ChatPrompt,
  EngineEvent,
  EngineInfo,
  EngineMemory,
  GenerateRequest,
  LoadRequest,
} from './port.ts';

/** What CORE asks of an ENGINE process, and the values that come back. */
export interface EngineCalls {
  load: { args: LoadRequest; value: EngineInfo };
  /** Streams events; the value comes after the last one. */
  generate: { args: GenerateRequest; value: null };
  render: { args: ChatPrompt; value: string };
  countTokens: { args: ChatPrompt; value: number };
  memory: { args: null; value: EngineMemory };
  forget: { args: string; value: null };
  close: { args: null; value: null };
}

export type EngineCallName = keyof EngineCalls;

/** Frames over the process's own channel (`child_process`, JSON): native output cannot get between them. */
export type ToEngine =
  | {
      [N in EngineCallName]: {
        readonly type: 'call';
        readonly id: number;
        readonly name: N;
        readonly args: EngineCalls[N]['args'];
      };
    }[EngineCallName]
  | { readonly type: 'abort'; readonly id: number };

export type FromEngine =
  | { readonly type: 'value'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorShape }
  | { readonly type: 'event'; readonly id: number; readonly event: EngineEvent }
  | { readonly type: 'loading'; readonly fraction: number };
