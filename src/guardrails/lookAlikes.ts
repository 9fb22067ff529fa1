/*
 * Letters of other scripts that are read as a Latin one, by that one. Escaped, because on the screen they cannot be told
 * apart. Only those that NFKC leaves alone: it has already turned full-width and mathematical letters into Latin.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: '\u0430\u03b1\u0251',
  b: '\u0432\u03b2',
  c: '\u0441',
  d: '\u0501',
  e: '\u0435\u0451\u03b5',
  g: '\u0261\u0581',
  h: '\u04bb\u043d\u0570',
  i: '\u0456\u0457\u03b9\u0131\u026a',
  j: '\u0458\u03f3',
  k: '\u043a\u03ba',
  l: '\u04cf',
  m: '\u043c',
  n: '\u043f\u03b7\u0578',
  o: '\u043e\u03bf\u03c3\u0585',
  p: '\u0440\u03c1',
  q: '\u051b',
  r: '\u0433',
  s: '\u0455\u03c2',
  t: '\u0442\u03c4',
  u: '\u03c5\u03bc\u057d',
  v: '\u0475\u03bd',
  w: '\u051d\u03c9',
  x: '\u0445\u03c7',
  y: '\u0443\u04af\u03b3',
  z: '\u0290',
  A: '\u0410\u0391',
  B: '\u0412\u0392',
  C: '\u0421',
  D: '\u0500',
  E: '\u0415\u0401\u0395',
  G: '\u050c',
  H: '\u041d\u04ba\u0397',
  I: '\u0406\u0407\u04c0\u0399',
  J: '\u0408\u037f',
  K: '\u041a\u039a',
  M: '\u041c\u039c',
  N: '\u039d',
  O: '\u041e\u039f\u0555',
  P: '\u0420\u03a1',
  Q: '\u051a',
  S: '\u0405\u054f',
  T: '\u0422\u03a4',
  V: '\u0474',
  W: '\u051c',
  X: '\u0425\u03a7',
  Y: '\u0423\u04ae\u03a5',
  Z: '\u0396',
}

const latinByLookAlike: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([latin, others]) => Array.from(others, (other) => [other, latin] as const)),
)

/** The text with every look-alike as the Latin letter it is taken for. Keeps the length. */
export function foldLookAlikes(text: string): string {
  return text.replace(/[\u0131-\u0585]/g, (letter) => latinByLookAlike.get(letter) ?? letter)
}
