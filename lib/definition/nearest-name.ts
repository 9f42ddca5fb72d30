/** The candidate that `name` was probably meant to be, or none. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const furthest = Math.max(1, Math.round(name.length * 0.4));
  let nearest: string | undefined;
  let shortest = furthest + 1;
  for (const candidate of candidates) {
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase());
    if (distance < shortest) [nearest, shortest] = [candidate, distance];
  }
  return nearest;
}

/** The end of a sentence about an unknown name: `: did you mean 'retry'?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : `: did you mean '${nearest}'?`;
}

/** One name within the other is near, however much is missing: `attempts` for `maxAttempts`. */
function distanceOf(name: string, candidate: string): number {
  const within = name.length >= 4 && candidate.includes(name);
  return Math.min(within ? 1 : Infinity, editDistance(name, candidate));
}

/** Insertions, deletions, substitutions and swaps of neighbours that lead from one text to the other. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        row > 1 && column > 1 && swapped ? at(beforePrevious, column - 2) + 1 : Infinity,
      );
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
