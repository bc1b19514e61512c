import type { Timestamp } from './conversations.ts';
import type { ProofLevel } from './models.ts';

/** How often model files are read again to see whether their bytes are still the same. */
export type CheckEvery = 'never' | 'month' | 'week';

/** What Quarry keeps, by kind. 'rest' = the window's own files and logs. */
export type StorageKind =
  | 'models'
  | 'downloads'
  | 'quarantined'
  | 'leftovers'
  | 'documents'
  | 'database'
  | 'backups'
  | 'states'
  | 'rest';

export interface StoragePart {
  readonly kind: StorageKind;
  /** On the disk, where it tells: a file with holes takes less than its length. */
  readonly bytes: number;
  readonly files: number;
}

/** A model's file on the disk. */
export interface ModelFile {
  readonly modelId: string;
  readonly name: string;
  readonly bytes: number;
  /** What removing it gives back: nothing where Quarry did not copy the file, or others share its bytes. */
  readonly frees: number;
  readonly origin: 'builtin' | 'copied' | 'referenced';
  readonly isMissing: boolean;
  readonly level: ProofLevel;
  /** When its bytes were read last. */
  readonly checkedAt: Timestamp | null;
  /** When it was found that its bytes are no longer those that were read before. */
  readonly changedSince: Timestamp | null;
}

/** A file in the library's folder that nothing in the database knows. */
export interface Leftover {
  readonly name: string;
  readonly bytes: number;
  /** 'foreign' = not named as Quarry names files; it is never removed. */
  readonly kind: 'import' | 'move' | 'download' | 'quarantine' | 'model' | 'foreign';
}

/** A move of the library under way. */
export interface LibraryMove {
  readonly taskId: string;
  readonly from: string;
  readonly to: string;
  /** 'copying' can be undone; after the switch the old files are only 'deleting'. */
  readonly step: 'copying' | 'deleting';
  /** The file that is being copied, counted from 1. */
  readonly file: number;
  readonly files: number;
}

export interface ModelStorage {
  readonly folder: string;
  /** In the profile, where it is unless it was moved. */
  readonly isDefault: boolean;
  /** False while its disk is not connected. */
  readonly isThere: boolean;
  /** Bytes of the disk that holds it; null where it cannot be asked. */
  readonly free: number | null;
  readonly total: number | null;
  readonly move: LibraryMove | null;
  readonly parts: readonly StoragePart[];
  readonly models: readonly ModelFile[];
  readonly leftovers: readonly Leftover[];
  readonly checkEvery: CheckEvery;
}
