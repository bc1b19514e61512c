import Papa from 'papaparse';

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

/** `list-table`: a list of rows, each a list of cells; what is indented below a cell goes on with it. */
export function listRows(content: readonly string[]): string[][] {
  const rows: string[][] = [];
  for (const line of content) {
    const found = /^\s*(?:([*+-])\s+)?([*+-])(?:\s+(.*))?$/.exec(line);
    const row = rows.at(-1);
    if (found?.[1] !== undefined) rows.push([found[3]?.trim() ?? '']);
    else if (found !== null && row !== undefined) row.push(found[3]?.trim() ?? '');
    else if (line.trim() !== '' && row !== undefined) {
      row.push(`${row.pop() ?? ''} ${line.trim()}`.trim());
    } else if (line.trim() !== '') return [];
  }
  return rows;
}

/** `csv-table`: its `:header:` and the rows below the options. */
export function csvRows(body: readonly string[]): string[][] {
  const header = body.find((line) => /^\s+:header:/.test(line))?.replace(/^\s+:header:\s*/, '');
  const rows = body.filter((line) => line.trim() !== '' && !/^\s+:[\w-]+:/.test(line));
  const lines = [...(header === undefined ? [] : [header]), ...rows.map((line) => line.trim())];
  // A space before a quoted cell is none of the cell's.
  const text = lines.join('\n').replace(/, +"/g, ',"');
  return Papa.parse<string[]>(text, { delimiter: ',', skipEmptyLines: true }).data.map((row) =>
    row.map((cell) => cell.trim()),
  );
}
