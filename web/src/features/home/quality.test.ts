import { expect, test } from 'vitest'
import { expertGaps, qualityRows, type ExpertRow } from './quality'

test('kinds with most gaps stand first and empty kinds are left out', () => {
  const kinds = [{ code: 'hospital', zh: '医院', en: 'Hospital' }, { code: 'depot', zh: '物资库', en: 'Depot' }]
  const count = (kind: string, total: number, placeless: number) => ({ kind, total, placeless, unverified: 0 })
  const rows = qualityRows(kinds, [count('hospital', 9, 1), count('depot', 3, 2), count('camera', 0, 0), count('other', 1, 0)])
  expect(rows.map((row) => row.zh)).toEqual(['物资库', '医院', 'other'])
})

test('what experts lack is counted per lack', () => {
  const whole: ExpertRow = { contacts: [{ kind: 'phone', value: '1' }], place: [0, 0], subjects: [{ code: '1', name: '1' }], video_capable: true, availability: 'available' }
  expect(expertGaps([whole, { ...whole, contacts: [], place: null }])).toEqual({ total: 2, lacks: { contact: 1, subject: 0, place: 1, video: 0, away: 0 } })
})
