import './styles/index.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from 'react-redux'
import { createClient, tokenOf } from '../model/index.js'
import { App } from './App.js'
import { readAddress } from './store/address.js'
import { createPageStore, followAddress } from './store/store.js'

const store = createPageStore(readAddress(location.hash))
followAddress(store, window)
const client = createClient({ token: tokenOf(location.hash) })
const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Provider store={store}>
        <App client={client} />
      </Provider>
    </StrictMode>,
  )
}
