export async function speed(): Promise<boolean> {
  return true;
}
