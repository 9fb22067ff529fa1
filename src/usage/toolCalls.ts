import { asFields, asList, field, isThere, type Fields } from './fields.js'

/** How many tool calls a response asks the caller for. 0 for a usage without its response. */
export function countToolCalls(response: Fields): number {
  return (
    chatCompletionsCalls(response) +
    // OpenAI Responses.
    ofType(field(response, 'output'), ['function_call', 'custom_tool_call']) +
    // Anthropic Messages.
    ofType(field(response, 'content'), ['tool_use']) +
    genAiCalls(response) +
    aiSdkCalls(response)
  )
}

function chatCompletionsCalls(response: Fields): number {
  const message = asFields(field(first(field(response, 'choices')), 'message'))
  return asList(field(message, 'tool_calls')).length
}

function genAiCalls(response: Fields): number {
  const content = asFields(field(first(field(response, 'candidates')), 'content'))
  return asList(field(content, 'parts')).filter((part) => isThere(field(asFields(part), 'functionCall'))).length
}

/** Of a result with several steps, `toolCalls` has only those of the last in some versions. */
function aiSdkCalls(result: Fields): number {
  const steps = asList(field(result, 'steps')).map(asFields)
  const parts = steps.length > 0 ? steps : [result]
  return parts.reduce((total, part) => total + asList(field(part, 'toolCalls')).length, 0)
}

function ofType(items: unknown, types: readonly string[]): number {
  return asList(items).filter((item) => types.includes(field(asFields(item), 'type') as string)).length
}

function first(list: unknown): Fields | undefined {
  return asFields(asList(list)[0])
}
