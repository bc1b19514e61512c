/** How a conversation uses its documents: one mode for every question, or what each question asks for. */
export const documentUses = ['auto', 'passages', 'whole', 'across'] as const;
export type DocumentUse = (typeof documentUses)[number];

/** What using documents as a whole takes with a model, as it is loaded or would be. */
export interface WholeDocuments {
  /** Names the documents in this order with these contents ('doc:…'); null where there is no text. */
  readonly documentSet: string | null;
  readonly documents: number;
  /** Documents of the scope that have no text: not read yet, or not readable. */
  readonly missing: number;
  /** Of the instructions and the documents in the model's own form. */
  readonly tokens: number;
  /** false: computed from the number of characters, because the model is not loaded. */
  readonly isExact: boolean;
  readonly contextSize: number;
  /** Most tokens that leave room for a question and its answer. */
  readonly limit: number;
  readonly fits: boolean;
  /** A context in which it fits; null where it fits now, or where the model was not trained for so much. */
  readonly neededContext: number | null;
  readonly modelId: string;
  readonly isLoaded: boolean;
  /** The state at the documents' end is kept on disk: a conversation starts from it. */
  readonly isReadBefore: boolean;
}

/** Bytes of kept states of one model. */
export interface ModelStates {
  readonly modelId: string;
  readonly name: string;
  readonly conversations: number;
  readonly documents: number;
  /** Bytes that the model may take while it is loaded; null while it is not. */
  readonly allotted: number | null;
}

/** States of models that are kept on disk, so that nothing is read twice. */
export interface StatesStatus {
  readonly isKept: boolean;
  readonly bytes: number;
  /** Bytes that all of them may take. */
  readonly budget: number;
  /** What the budget is where nobody chose one; null where the disk does not tell. */
  readonly automatic: number | null;
  readonly models: readonly ModelStates[];
  readonly encryption: {
    readonly isOn: boolean;
    /** The system has a keychain that encrypts. */
    readonly canProtect: boolean;
    /** On, and the keychain has given the key: without it nothing is kept. */
    readonly hasKey: boolean;
  };
}
