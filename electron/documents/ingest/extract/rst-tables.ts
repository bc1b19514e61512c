export const isGridBorder = (line: string): boolean => /^[ ]*\+(?:[-=]+\+)+[ ]*$/.test(line);
export const isSimpleBorder = (line: string): boolean => /^[ ]*={2,}(?:[ ]+={2,})+[ ]*$/.test(line);

/** Cells between bars; lines of one row are joined. Cells over several columns give what they hold once. */
export function gridRows(lines: readonly string[]): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const line of lines) {
    if (/^[ ]*\+[-=+]/.test(line)) {
      if (row.some((cell) => cell !== '')) rows.push(row);
      row = [];
      continue;
    }
    const cells = line.trim().replace(/^\|/, '').replace(/[|+]$/, '').split('|');
    cells.forEach((cell, index) => {
      row[index] = `${row[index] ?? ''} ${cell.trim()}`.trim();
    });
  }
  if (row.some((cell) => cell !== '')) rows.push(row);
  return rows;
}

/** Columns where the border has its signs; a line whose first column is empty goes on with the row above. */
export function simpleRows(lines: readonly string[]): string[][] {
  const columns = [...(lines[0] ?? '').matchAll(/=+/g)].map(({ index }) => index);
  const rows: string[][] = [];
  for (const line of lines) {
    if (line.trim() === '' || isSimpleBorder(line) || /^[ ]*-{2,}(?:[ ]+-{2,})*[ ]*$/.test(line))
      continue;
    const cells = columns.map((from, index) => line.slice(from, columns[index + 1]).trim());
    const above = rows.at(-1);
    if (cells[0] === '' && above !== undefined) {
      cells.forEach((cell, index) => {
        above[index] = `${above[index] ?? ''} ${cell}`.trim();
      });
    } else rows.push(cells);
  }
  return rows;
}
