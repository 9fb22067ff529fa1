import { expect, it } from 'vitest'
import { openSqliteLog } from '../../src/sqlite/index.js'
import { tellStory } from '../cli/story.js'
import { describeSqlite } from '../sqlite/drivers.js'
import { useServing } from './serving.js'

describeSqlite('a SQLite log in the inspector', () => {
  const serving = useServing()
  const { files } = serving

  it('is served fact by fact as it was recorded [INSP-5]', async () => {
    const facts = await tellStory()
    const path = files.path('a.db')
    const log = await openSqliteLog(path)
    for (const fact of facts) log.append(fact.meta.stream, [fact])
    await log.close()
    const { client } = await serving.serve([path], { content: true })
    const [served] = await client.logs()
    expect(served).toMatchObject({ format: 'sqlite', facts: facts.length })
    const run = await client.load(served!)
    expect(facts.map(({ meta }) => run.factAt(meta.seq))).toEqual(facts)
  })
})
