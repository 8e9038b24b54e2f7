/** What a terminal of some width shows, for the few control sequences that the displays use. */
export interface Screen {
  readonly write: (text: string) => void;
  /** The lines, without blanks at their ends. */
  readonly lines: () => readonly string[];
  /** How often a character was written behind the last column, so that the terminal went on in the next line. */
  readonly wraps: () => number;
  /** How often the cursor was to go up further than the screen is high. */
  readonly lost: () => number;
  /** Sequences that this screen does not know. */
  readonly unknown: () => readonly string[];
}

const escapeCharacter = '\u001b';
const sequenceOrCharacter = new RegExp(`${escapeCharacter}\\[[0-9;?]*[A-Za-z]|[^]`, 'g');

/** A terminal of this size; lines that scroll out at its top are kept, as a terminal's history does. */
export function createScreen(columns: number, rows: number): Screen {
  const grid: string[][] = [[]];
  const unknown: string[] = [];
  let [row, column, wraps, lost] = [0, 0, 0, 0];
  const feed = () => {
    row += 1;
    while (grid.length <= row) grid.push([]);
  };
  const put = (character: string) => {
    if (column === columns) {
      wraps += 1;
      column = 0;
      feed();
    }
    const line = grid[row] ?? [];
    while (line.length < column) line.push(' ');
    line[column] = character;
    column += 1;
  };
  const control = (sequence: string) => {
    const [, amount = '', letter] = /^\[([0-9]*)([A-Z])$/.exec(sequence.slice(1)) ?? [];
    const top = Math.max(0, grid.length - rows);
    if (letter === 'A') {
      const to = row - Number(amount || '1');
      if (to < top) lost += 1;
      row = Math.max(top, to);
    } else if (letter === 'K' && amount === '') grid[row] = (grid[row] ?? []).slice(0, column);
    else if (letter === 'J' && amount === '') {
      grid[row] = (grid[row] ?? []).slice(0, column);
      grid.length = row + 1;
    } else unknown.push(JSON.stringify(sequence));
  };
  return {
    write: (text) => {
      for (const token of text.match(sequenceOrCharacter) ?? []) {
        if (token.startsWith(escapeCharacter)) control(token);
        else if (token === '\r') column = 0;
        else if (token === '\n') {
          column = 0;
          feed();
        } else put(token);
      }
    },
    lines: () => grid.map((line) => line.join('').trimEnd()),
    wraps: () => wraps,
    lost: () => lost,
    unknown: () => unknown,
  };
}
