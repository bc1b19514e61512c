/** One step of the schema. Versions go up in tens, which leaves gaps; `up` runs inside one transaction. */
export interface Migration {
  readonly version: number;
  readonly purpose: string;
  readonly up: string;
}
