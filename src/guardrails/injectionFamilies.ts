/*
 * The phrases by which a text tries to take over its reader, in the order in which they are tried.
 *
 * Linear in the length of the text: no two repetitions that accept the same character stand next to each other. Without the
 * `u` flag and {200,}: with them V8 runs out of stack on a run of some millions of characters.
 */
const families = {
  ignore_previous: /ignore\s+(?:(?:all|the)\s+)?previous\s+instructions/i,
  disregard_previous: /disregard\s+(?:(?:all|the)\s+)?previous\s+(?:instructions|messages|context)/i,
  forget: /forget\s+(?:everything|all|your)\b/i,
  // "as soon as" tells when, not whom to play. Only words that do: "act as root as of now" stays found.
  role_change:
    /(?:you\s+are\s+now|act\s+as|pretend\s+to\s+be|pretend\s+you)\s+(?!(?:soon|early|fast|quickly|promptly|rapidly|swiftly)\s+as\b)[\w\u00c0-\u1fff\u3040-\ud7ff]+/i,
  system_fence: /system\s*[:>]\s*```/i,
  system_tag: /<\s*(?:\|\s*)?(?:system|admin|root)\s*(?:\|\s*)?>/i,
  override_safety: /\b(?:override|bypass|disable)\s+(?:(?:the|a)\s+)?(?:safety|guardrail|filter|policy|safeguard)/i,
  reveal_prompt: /reveal\s+(?:your|the)\s+(?:system\s+prompt|instructions|initial\s+prompt)/i,
  show_prompt: /(?:show|tell)\s+me\s+(?:your|the)\s+(?:system\s+prompt|instructions|initial\s+prompt)/i,
  instructions_given: /\binstructions\s+you\s+(?:were|have\s+been)\s+given\b/i,
  // Tried from the start of a run only, and not on a ruler made of `=`, `+` or `/`.
  base64_run: /(?<![a-z0-9+/=])(?=[+/=]*[a-z0-9])[a-z0-9+/=]{200}[a-z0-9+/=]*/i,
} as const satisfies Readonly<Record<string, RegExp>>

export type InjectionFamily = keyof typeof families

export const INJECTION_FAMILIES = Object.keys(families) as readonly InjectionFamily[]

export function injectionPattern(family: InjectionFamily): RegExp {
  return families[family]
}
