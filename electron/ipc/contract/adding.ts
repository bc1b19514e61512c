import type { Timestamp } from './conversations.ts';
import type { FitVerdict, FoundModel, Signer } from './models.ts';

/** A file to fetch. */
export type ModelPlace =
  | {
      readonly kind: 'hub';
      /** owner/name */
      readonly repository: string;
      /** 40 hex digits. */
      readonly revision: string;
      /** Path inside the repository. */
      readonly file: string;
    }
  | { readonly kind: 'address'; readonly url: string };

/** A GGUF file of a repository. Sizes in bytes. */
export interface HubModelFile {
  /** Path inside the repository; of the first part where there are several. */
  readonly file: string;
  /** As the file name tells it. */
  readonly quantization: string | null;
  /** Of all parts. */
  readonly bytes: number;
  readonly sha256: string | null;
  /** More than 1: split, which Quarry does not read. */
  readonly parts: number;
  /** Name of the model in the library that has these bytes. */
  readonly knownAs: string | null;
}

/** What lies at a place that a person pasted. */
export type LookedAt =
  | {
      readonly kind: 'hub';
      readonly repository: string;
      /** The commit that was looked at, 40 hex digits. */
      readonly revision: string;
      /** The hub asks for an account before it gives files out. */
      readonly isGated: boolean;
      readonly hasSignature: boolean;
      /** Who must have signed files of this repository; null = Quarry knows nobody. */
      readonly signer: Signer | null;
      /** The file that the pasted text named. */
      readonly named: string | null;
      readonly files: readonly HubModelFile[];
      /** More lie there than are listed. */
      readonly isCut: boolean;
    }
  | {
      readonly kind: 'address';
      readonly url: string;
      readonly host: string;
      readonly file: string;
      readonly bytes: number | null;
    };

/** Whether a file fits this machine, computed from its header. Bytes and tokens. */
export interface PlaceFit {
  readonly name: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly quantization: string;
  readonly verdict: FitVerdict;
  readonly context: number;
  readonly predicted: number;
  readonly needed: number;
  /** What models may take on this machine. */
  readonly capacity: number;
  readonly fitsNow: boolean;
}

/** A file of another program, against the library. */
export interface FoundFile extends FoundModel {
  /** Name of the model that already is this file, by whatever way it is reached. */
  readonly knownAs: string | null;
}

export interface FoundFiles {
  readonly models: readonly FoundFile[];
  /** More lay there than are looked at. */
  readonly isCut: boolean;
}

/** Where a model's file came from. */
export interface ModelCameFrom {
  /** 'file' = chosen by a person, 'folder' = found in a folder of another program. */
  readonly source: 'catalogue' | 'hub' | 'address' | 'folder' | 'file';
  readonly tool: FoundModel['tool'] | null;
  readonly repository: string | null;
  /** 40 hex digits. */
  readonly revision: string | null;
  readonly file: string | null;
  /** Without what follows a question mark, which may be secret. */
  readonly url: string | null;
  /** The repository was only read off a folder's name. */
  readonly isHint: boolean;
  /** Who must have signed; null = nobody is known for this repository, or there is none. */
  readonly signer: Signer | null;
  /** A model.sig lay beside the file. */
  readonly hasSignature: boolean;
  readonly at: Timestamp;
}
