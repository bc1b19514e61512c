import type {
  ChatPrompt,
  EngineEvent,
  EngineInfo,
  EngineMemory,
  EvaluatedTokens,
  GenerateRequest,
  LoadRequest,
  SaveStatesRequest,
} from './port.ts';

/** The contract between CORE and one ENGINE process, carried by `ipc/client` and `ipc/server`. */
export interface EngineContract {
  calls: {
    /** Once per process. */
    load: { args: LoadRequest; value: EngineInfo };
    /** Ends a running answer early; its stream still comes to its 'end' event. */
    stop: { args: { run: string }; value: null };
    render: { args: ChatPrompt; value: string };
    countTokens: { args: ChatPrompt; value: number };
    memory: { args: null; value: EngineMemory };
    forget: { args: { sessionId: string }; value: null };
    saveStates: { args: SaveStatesRequest; value: number };
    resizeStates: { args: { budget: number }; value: number };
    trim: { args: { checkpointBudget: number }; value: number };
    trace: { args: null; value: readonly (readonly EvaluatedTokens[])[] };
    /** Gives everything back and ends the process; there is no answer. */
    close: { args: null; value: null };
  };
  pushes: {
    /** 0 … 1 while the weights are mapped. */
    loading: number;
  };
  streams: {
    /** `run` is chosen by the asking side and names the answer for `stop`. */
    generate: { args: { run: string; request: GenerateRequest }; event: EngineEvent };
  };
}
