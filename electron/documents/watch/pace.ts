/** How fast documents are read, and from that how long the rest takes. */
export interface Pace {
  /** A document of so many bytes took so many milliseconds, waiting not counted. */
  note(bytes: number, ms: number): void;
  /** Seconds for the rest; null while too little has been read to tell. */
  left(files: number, bytes: number): number | null;
}

/** What a file costs besides its bytes, in bytes: opening, hashing, a transaction. */
const fileCost = 32 * 1024;
/** Older readings fade: after 100 documents they count by about a third. */
const fading = 0.99;
const enoughFiles = 5;
const enoughMs = 1500;

export function createPace(): Pace {
  let cost = 0;
  let time = 0;
  let files = 0;
  let spent = 0;
  return {
    note(bytes, ms) {
      cost = cost * fading + bytes + fileCost;
      time = time * fading + Math.max(0, ms);
      files += 1;
      spent += Math.max(0, ms);
    },
    left(leftFiles, leftBytes) {
      if (files < enoughFiles || spent < enoughMs) return null;
      return Math.round(((leftBytes + leftFiles * fileCost) * time) / cost / 1000);
    },
  };
}
