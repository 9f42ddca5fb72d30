const units = [
  { name: 'd', length: 86_400_000 },
  { name: 'h', length: 3_600_000 },
  { name: 'm', length: 60_000 },
] as const;

/** In the unit that fits: `12ms`, `3.4s`, `2m 5s`, `3h 20m`, `4d 6h`. */
export function lengthOf(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)}ms`;
  if (milliseconds < 59_950) return `${Math.round(milliseconds / 100) / 10}s`;
  const seconds = Math.round(milliseconds / 1_000) * 1_000;
  const at = units.findIndex(({ length }) => seconds >= length);
  const unit = units[at] ?? units[2];
  const smaller = units[at + 1] ?? { name: 's', length: 1_000 };
  const rest = Math.floor((seconds % unit.length) / smaller.length);
  return `${Math.floor(seconds / unit.length)}${unit.name}${rest === 0 ? '' : ` ${rest}${smaller.name}`}`;
}
