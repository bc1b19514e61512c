/** Token lists of the states that a folder holds and the store would use. */
export async function keptOnDisk(_folder: string): Promise<readonly (readonly number[])[]> {
  return [];
}
