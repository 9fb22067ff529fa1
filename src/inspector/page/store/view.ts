import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

export const PAGES = ['run', 'compare', 'what-if'] as const
export const DETAILS = ['state', 'diff', 'fact'] as const
export const SCOPES = ['log', 'session'] as const

type PageName = (typeof PAGES)[number]
type DetailName = (typeof DETAILS)[number]
/** Whether the slider stops at all facts, or at those of the session that is looked at. */
export type Scope = (typeof SCOPES)[number]

/** What of the logs is looked at. All of it is in the address of the page. */
export interface View {
  readonly page: PageName
  /** Which log: 0, or 1 for the second one. */
  readonly log: number
  /** `null`: all sessions are listed. */
  readonly threadId: string | null
  readonly sessionId: string | null
  /** The fact that the slider stands at. 0: before the first one. `null`: nobody has said yet. */
  readonly seq: number | null
  readonly detail: DetailName
  readonly scope: Scope
  /** Parts of logs as `formatPart` writes them. `null`: nobody has said yet. */
  readonly compared: { readonly a: string | null; readonly b: string | null }
}

export const initialView: View = {
  page: 'run',
  log: 0,
  threadId: null,
  sessionId: null,
  seq: null,
  detail: 'state',
  scope: 'log',
  compared: { a: null, b: null },
}

type Chosen<Field extends keyof View> = PayloadAction<View[Field]>

export const view = createSlice({
  name: 'view',
  initialState: initialView,
  reducers: {
    pageChosen: (view, { payload: page }: Chosen<'page'>): View => ({ ...view, page }),
    detailChosen: (view, { payload: detail }: Chosen<'detail'>): View => ({ ...view, detail }),
    scopeChosen: (view, { payload: scope }: Chosen<'scope'>): View => ({ ...view, scope }),
    threadChosen: (view, { payload: threadId }: Chosen<'threadId'>): View => ({ ...view, threadId }),
    /** Another log is looked at, from its beginning on. */
    logChosen: (view, { payload: log }: Chosen<'log'>): View =>
      view.log === log ? view : { ...view, log, threadId: null, sessionId: null, seq: null },
    /** A session is looked at, and the slider moves to a fact of it. */
    sessionChosen: (view, { payload }: PayloadAction<Pick<View, 'sessionId' | 'seq'>>): View => ({
      ...view,
      ...payload,
    }),
    /** A fact is looked at, wherever one was. */
    factChosen: (view, { payload }: PayloadAction<Pick<View, 'log' | 'sessionId' | 'seq'>>): View => ({
      ...view,
      ...payload,
      page: 'run',
      threadId: payload.log === view.log ? view.threadId : null,
    }),
    /** The slider moved. */
    moved: (view, { payload: seq }: PayloadAction<number>): View => ({ ...view, seq }),
    comparedChosen: (view, { payload }: PayloadAction<Partial<View['compared']>>): View => ({
      ...view,
      compared: { ...view.compared, ...payload },
    }),
    /** The address was changed by hand, or by going back. */
    addressRead: (_view, { payload }: PayloadAction<View>): View => payload,
  },
})

export const {
  pageChosen,
  detailChosen,
  scopeChosen,
  threadChosen,
  logChosen,
  sessionChosen,
  factChosen,
  moved,
  comparedChosen,
  addressRead,
} = view.actions
