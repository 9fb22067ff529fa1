import { createSlice, type PayloadAction } from '@reduxjs/toolkit'
import type { ModelSettings } from '../agents/scriptedModel.js'

const initialState: ModelSettings = { isDown: false, paceMs: 900 }

/** How the scripted model behaves: state of this app that the agents know nothing of. */
export const model = createSlice({
  name: 'model',
  initialState,
  reducers: {
    modelToggled: (state) => ({ ...state, isDown: !state.isDown }),
    paceChanged: (state, { payload }: PayloadAction<number>) => ({ ...state, paceMs: payload }),
  },
})

export const { modelToggled, paceChanged } = model.actions
