import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Fifo } from '../src/sinks/fifo.js'

it('a queue of items gives them in their order, however they come and go', () => {
  const step = fc.oneof(
    fc.nat(50).map((push) => ({ push, take: 0 })),
    fc.nat(20).map((take) => ({ push: 0, take })),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const fifo = new Fifo<number>()
      const model: number[] = []
      let next = 0
      for (const { push, take } of steps) {
        for (let item = 0; item < push; item += 1, next += 1) {
          fifo.push(next)
          model.push(next)
        }
        expect(fifo.take(take)).toEqual(model.splice(0, take))
        expect([fifo.length, fifo.first]).toEqual([model.length, model[0]])
      }
    }),
  )
})
