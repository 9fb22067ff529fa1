import { App } from '@redux-devtools/app'
import { createRoot } from 'react-dom/client'
import { Provider } from 'react-redux'
import { createPageStore } from './store.js'

const root = document.getElementById('root')
if (!root) throw new Error('the page has no root')
createRoot(root).render(
  <Provider store={createPageStore(location)}>
    <App />
  </Provider>,
)
