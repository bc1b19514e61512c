import type { BackendReason } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** What a trial found out. */
export interface KeptTrial {
  /** Hash of what it depended on: the binding's version, the driver, the module. */
  readonly conditions: string;
  /** null = it works. */
  readonly reason: BackendReason | null;
  readonly devices: readonly string[];
  /** Bytes of the devices together. */
  readonly memory: number;
  readonly free: number;
  readonly at: number;
}

interface Row {
  name: string;
  conditions: string;
  reason: BackendReason | null;
  devices: string;
  memory: number;
  free: number;
  tried_at: number;
}

/** Backend -> its last trial on this machine. */
export function readTrials(db: Reader, machine: string): Map<string, KeptTrial> {
  const rows = db.all<Row>(sql`SELECT * FROM backends WHERE machine = ${machine}`);
  return new Map(
    rows.map(({ name, conditions, reason, devices, memory, free, tried_at }) => {
      const names = JSON.parse(devices) as string[];
      return [name, { conditions, reason, devices: names, memory, free, at: tried_at }];
    }),
  );
}

export function keepTrial(db: Writer, machine: string, name: string, trial: KeptTrial): void {
  const { conditions, reason, devices, memory, free, at } = trial;
  db.run(
    sql`INSERT OR REPLACE INTO backends
          (machine, name, conditions, reason, devices, memory, free, tried_at)
        VALUES (${machine}, ${name}, ${conditions}, ${reason}, ${JSON.stringify(devices)},
          ${memory}, ${free}, ${at})`,
  );
}
