import type { Dictionary } from '../zh'

export const listImport = {
  file: 'File',
  preview: 'Preview',
  apply: 'Import',
  applied: 'Imported',
  has_problems: 'Lines with errors',
  rows: 'Lines',
  new: 'New',
  changed: 'Changed',
  same: 'Unchanged',
  wrong: 'Wrong',
  line: 'Line',
  field: 'Field',
  value: 'Value',
  skip: 'Leave the wrong lines out and import the good ones',
} satisfies Dictionary['listImport']
